import type { OsReader, SocketTable } from '../os/os-reader.ts';
import type { ProbeOptions } from '../probe/probe.ts';
import { socketOf } from '../text/socket-path.ts';
import { portOf } from './probed-address.ts';

/**
 * All sockets that listen where a probe asks, as one text, which changes when one comes or goes. They were read
 * within `maxAgeMs`. Null where the probe has no place, and where the platform does not show them.
 */
export async function socketIdsAt(
  reader: Pick<OsReader, 'sockets' | 'unix'>,
  probe: ProbeOptions,
  maxAgeMs: number,
): Promise<string | null> {
  const path = socketOf(probe);
  if (path !== undefined)
    return (await reader.unix?.idsAt(path, maxAgeMs))?.toSorted().join() ?? null;
  const port = portOf(probe);
  const table = port === null ? null : await reader.sockets?.(maxAgeMs);
  return port === null || !table ? null : idsAt(table, port);
}

function idsAt(table: SocketTable, port: number): string {
  const ids = table.get(port)?.map(({ address, id }) => `${address} ${id}`) ?? [];
  return ids.toSorted().join();
}
