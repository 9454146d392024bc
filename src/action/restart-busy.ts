import type { BusyThread, OsReader } from '../os/os-reader.ts';
import { sendSignal, signalProcess, type SendSignal } from '../os/signal/signal.ts';
import { treeOf } from '../os/tree.ts';
import type { ManagedProcess } from '../pm2/process.ts';
import { endOnceStopping, type EndOnceStoppingDeps } from './end-once-stopping.ts';
import type { RestartOrder } from './restart-order.ts';

type BusyProcess = NonNullable<RestartOrder['busy']>;

/** What restarts an app whose event loop does not turn. */
export interface RestartBusyDeps extends EndOnceStoppingDeps {
  readonly reader: Pick<OsReader, 'processes' | 'busyThread' | 'births'>;
  readonly send?: SendSignal;
}

/**
 * Has PM2 restart an app with a process whose main thread never comes back to its event loop. It cannot run a
 * shutdown of its own, so it gets SIGKILL as soon as PM2 stops the app; all others of the app get their
 * `kill_timeout` (DESIGN §12). Throws what PM2 throws.
 */
export async function restartBusy(
  process: ManagedProcess,
  busy: BusyProcess,
  deps: RestartBusyDeps,
): Promise<void> {
  const { reader, send = sendSignal } = deps;
  const table = await reader.processes();
  const tree = table === null || process.pid === 0 ? [] : treeOf(table, process.pid);
  const isOwn = tree.some(({ pid, birth }) => pid === busy.pid && birth === busy.birth);
  if (!isOwn) return deps.pm2.restart(process);
  await endOnceStopping(process, deps, async () => {
    const look = await reader.busyThread?.(busy.pid, busy.port);
    // It may have come back since, and then it can run its shutdown.
    if (look && isStillBusy(busy, look)) await signalProcess(busy, 'SIGKILL', reader, send);
  });
}

/** True where nothing shows a turn of its event loop since it was proven to be busy. */
function isStillBusy(busy: BusyProcess, { birth, sleeps, waiting }: BusyThread): boolean {
  return birth === busy.birth && sleeps === busy.sleeps && waiting >= busy.waiting;
}
