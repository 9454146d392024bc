import { inspectorTarget, isNodeInspector } from '../../os/node-inspector.ts';
import { isLoopback } from '../../os/address.ts';
import { catchesSignal } from '../../os/linux/caught-signals.ts';
import type { OsReader, ProcessIdentity } from '../../os/os-reader.ts';
import { signalProcess } from '../../os/signal/signal.ts';
import type { Clock } from '../../time/clock.ts';
import type { InspectorPlace } from './cdp-connection.ts';

const SIGUSR1 = 10;

/** Node opens its inspector from a thread of its own, also in an endless loop; on a busy machine that takes a while. */
const OPENS_MS = 1_500;
const LOOK_MS = 50;

/** At most this many ports of one process are tried. */
const MOST_PORTS = 8;

/** What finding uses. */
export interface FindDeps {
  readonly reader: Pick<OsReader, 'listenersOf' | 'connectedAt' | 'births'>;
  readonly clock: Clock;
  /** A test's own; absent reads /proc. */
  readonly catches?: typeof catchesSignal;
}

/** An inspector of a process, and whether we opened it. */
export interface FoundInspector extends InspectorPlace {
  readonly isOurs: boolean;
}

/**
 * The inspector that a process has open on loopback; null where it has none, and where a person's debugger is connected
 * to it. With `mayOpen` the process is asked to open it, by SIGUSR1: only where it catches that signal, which it would
 * die of, and where it is proven to be the same process.
 */
export async function findInspector(
  process: ProcessIdentity,
  mayOpen: boolean,
  deps: FindDeps,
): Promise<FoundInspector | null> {
  const there = await inspectorOf(process.pid, deps);
  if (there !== null) {
    const connected = await deps.reader.connectedAt(there.port);
    return connected === null || connected.length > 0 ? null : { ...there, isOurs: false };
  }
  const { catches = catchesSignal, clock, reader } = deps;
  if (!mayOpen || !(await catches(process.pid, SIGUSR1))) return null;
  if ((await signalProcess(process, 'SIGUSR1', reader)) !== 'sent') return null;
  const until = clock.now() + OPENS_MS;
  while (clock.now() < until) {
    await clock.sleep(LOOK_MS);
    const opened = await inspectorOf(process.pid, deps);
    if (opened !== null) return { ...opened, isOurs: true };
  }
  return null;
}

async function inspectorOf(pid: number, { reader }: FindDeps): Promise<InspectorPlace | null> {
  const listeners = (await reader.listenersOf([pid])) ?? [];
  const own = listeners.filter(({ address, pids }) => isLoopback(address) && pids?.includes(pid));
  for (const { address, port } of own.slice(0, MOST_PORTS)) {
    if (!(await isNodeInspector(address, port))) continue;
    const target = await inspectorTarget(address, port);
    if (target !== null) return { address, port, target };
  }
  return null;
}
