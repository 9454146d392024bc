import { LivenessError } from '../errors.ts';
import type { OsReader, ProcessIdentity } from '../os/os-reader.ts';
import { sendSignal, signalProcess, type SendSignal } from '../os/signal/signal.ts';
import type { ManagedProcess } from '../pm2/process.ts';
import { endOnceStopping, treeIn, type EndOnceStoppingDeps } from './end-once-stopping.ts';

/** What restarts an app with stopped processes. */
export interface RestartStoppedDeps extends EndOnceStoppingDeps {
  readonly reader: Pick<OsReader, 'processes' | 'stopped' | 'births'>;
  readonly send?: SendSignal;
}

/** Throws ERR_RUNS_AGAIN where this process, for which a restart was decided because it is stopped, is not so now. */
export async function requireStopped(
  { pid, birth }: ProcessIdentity,
  reader: Pick<OsReader, 'stopped'>,
): Promise<void> {
  const look = await reader.stopped?.(pid);
  if (look?.birth !== birth) {
    throw new LivenessError('ERR_RUNS_AGAIN', `process ${pid} is no longer stopped (state T)`);
  }
}

/**
 * Has PM2 restart an app with processes that a signal has stopped. They cannot run a shutdown of their own, so they
 * get SIGKILL as soon as PM2 stops the app, and nothing waits for its `kill_timeout`; all others of the app get theirs
 * (DESIGN §12). Throws what PM2 throws.
 */
export async function restartStopped(
  process: ManagedProcess,
  deps: RestartStoppedDeps,
): Promise<void> {
  const stopped = await stoppedIn(process, deps);
  if (stopped.length === 0) return deps.pm2.restart(process);
  await endOnceStopping(process, deps, () => killStopped(stopped, deps));
}

/** The stopped processes of an app. */
async function stoppedIn(
  process: ManagedProcess,
  { reader }: RestartStoppedDeps,
): Promise<readonly ProcessIdentity[]> {
  const tree = await treeIn(process, reader);
  return tree.filter(({ state, tracerPid }) => state === 'stopped' && tracerPid === 0);
}

async function killStopped(
  stopped: readonly ProcessIdentity[],
  { reader, send = sendSignal }: RestartStoppedDeps,
): Promise<void> {
  for (const life of stopped) {
    // It may go on since, and then it can run its shutdown.
    const look = await reader.stopped?.(life.pid);
    if (look?.birth === life.birth) await signalProcess(life, 'SIGKILL', reader, send);
  }
}
