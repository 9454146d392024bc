import { LivenessError } from '../errors.ts';
import type { OsReader, ProcessIdentity } from '../os/os-reader.ts';
import { sendSignal, signalProcess, type SendSignal } from '../os/signal/signal.ts';
import { treeOf } from '../os/tree.ts';
import type { Pm2Client } from '../pm2/client.ts';
import { incarnationOf, type ManagedProcess } from '../pm2/process.ts';
import type { Clock } from '../time/clock.ts';
import { LightAbortController, type LightAbortSignal } from '../time/light-abort.ts';

/** How often PM2's list is read until it shows that PM2 stops the app. */
const LOOK_MS = 20;

/** PM2 begins to stop an app within this time; after it, PM2's own `kill_timeout` is waited for. */
const BEGIN_MS = 5_000;

/** What restarts an app with stopped processes. */
export interface RestartStoppedDeps {
  readonly pm2: Pm2Client;
  readonly clock: Clock;
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
  const over = new LightAbortController();
  const stopped = await stoppedIn(process, deps);
  const killing = killOnceStopping(process, stopped, over, deps);
  try {
    await deps.pm2.restart(process);
  } finally {
    over.abort();
    await killing;
  }
}

/** The stopped processes of an app. */
async function stoppedIn(
  { pid }: ManagedProcess,
  { reader }: RestartStoppedDeps,
): Promise<readonly ProcessIdentity[]> {
  const table = await reader.processes();
  const tree = table === null || pid === 0 ? [] : treeOf(table, pid);
  return tree.filter(({ state, tracerPid }) => state === 'stopped' && tracerPid === 0);
}

/**
 * Kills them once PM2's list shows that PM2 stops this incarnation: a process that ends before counts as a crash, and
 * PM2 would start the app twice. Never rejects.
 */
async function killOnceStopping(
  process: ManagedProcess,
  stopped: readonly ProcessIdentity[],
  over: LightAbortSignal,
  deps: RestartStoppedDeps,
): Promise<void> {
  const { clock } = deps;
  const deadline = clock.now() + BEGIN_MS;
  try {
    while (stopped.length > 0 && !over.aborted && clock.now() < deadline) {
      const now = (await deps.pm2.list()).find(({ pmId }) => pmId === process.pmId);
      if (now === undefined || incarnationOf(now) !== incarnationOf(process)) return;
      if (now.status === 'stopping') return await killStopped(stopped, deps);
      await clock.sleep(LOOK_MS, over);
    }
  } catch {
    // PM2 does not answer: it kills them itself after its `kill_timeout`.
  }
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
