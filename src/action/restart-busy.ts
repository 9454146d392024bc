import { hasNotTurned, type BusyProcess } from '../os/busy-process.ts';
import type { OsReader } from '../os/os-reader.ts';
import { sendSignal, signalProcess, type SendSignal } from '../os/signal/signal.ts';
import type { ManagedProcess } from '../pm2/process.ts';
import { endOnceStopping, treeIn, type EndOnceStoppingDeps } from './end-once-stopping.ts';

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
  const tree = await treeIn(process, reader);
  const isOwn = tree.some(({ pid, birth }) => pid === busy.pid && birth === busy.birth);
  if (!isOwn) return deps.pm2.restart(process);
  await endOnceStopping(process, deps, async () => {
    const look = await reader.busyThread?.(busy.pid, busy.port);
    // It may have come back since, and then it can run its shutdown.
    if (look && hasNotTurned(busy, look)) await signalProcess(busy, 'SIGKILL', reader, send);
  });
}
