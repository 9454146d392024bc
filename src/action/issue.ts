import { LivenessError } from '../errors.ts';
import { obstaclesOf } from '../os/obstacles.ts';
import type { ProcessState } from '../os/os-reader.ts';
import type { ManagedProcess } from '../pm2/process.ts';
import { withTimeout } from '../time/deadline.ts';
import { restartBusy } from './restart-busy.ts';
import { requireStopped, restartStopped } from './restart-stopped.ts';
import { entryOf, isStuck, type RestartOrder } from './restart-order.ts';
import { needsPs, reloadWithoutPs, restartWithoutPs, type TreeDeps } from './restart-without-ps.ts';

/** What issues a restart. */
interface IssueDeps extends TreeDeps {
  /** As of `ActionDeps`. */
  readonly isPsMissing: () => Promise<boolean>;
}

/**
 * Has PM2 restart or reload the process of an order; without `ps`, does by other means what PM2 then
 * cannot. Throws ERR_STUCK where the old process could not be stopped, so that nothing was started.
 */
export async function issue(
  order: RestartOrder,
  process: ManagedProcess,
  deps: IssueDeps,
): Promise<void> {
  try {
    await call(order, process, deps);
  } catch (error) {
    const stuck = await findStuck(order, deps);
    if (stuck === null) throw error;
    throw new LivenessError('ERR_STUCK', stuck, { cause: error });
  }
}

async function call(
  { method, stopped, isOnlyStopped, busy }: RestartOrder,
  process: ManagedProcess,
  deps: IssueDeps,
): Promise<void> {
  const { pm2 } = deps;
  const isReload = method === 'reload';
  if (needsPs(process) && ((await isWithoutPs(deps)) || (await isDoomed(process, deps)))) {
    // Outside of cluster mode PM2's reload is a restart.
    return isReload && process.isCluster
      ? reloadWithoutPs(process, deps)
      : restartWithoutPs(process, deps);
  }
  if (stopped !== undefined && isOnlyStopped === true) await requireStopped(stopped, deps.reader);
  if (isReload) return pm2.reload(process);
  if (stopped !== undefined) return restartStopped(process, deps);
  return busy === undefined ? pm2.restart(process) : restartBusy(process, busy, deps);
}

/** A disk that hangs must not keep a restart from being issued, nor let it be issued hours later. */
const LOOK_MS = 2_000;

function isWithoutPs({ isPsMissing }: IssueDeps): Promise<boolean> {
  return withTimeout(isPsMissing(), LOOK_MS, false);
}

/**
 * True where something is missing without which PM2 cannot start the app again. PM2's own restart would leave it
 * exactly as an operator's stop does; after a crash PM2 keeps the pid, which an operator's stop clears, so that
 * the two differ also for a monitor that comes later.
 */
async function isDoomed(
  { isCluster, env, pid }: ManagedProcess,
  { reader }: IssueDeps,
): Promise<boolean> {
  if (isCluster || (await withTimeout(obstaclesOf(env), LOOK_MS, [])).length === 0) return false;
  // Not every system shows which processes are to be stopped.
  return (await reader.processes([pid])) !== null;
}

/**
 * The reason where the old process did not exit; null for any other failure. PM2 says only that the pid
 * "already exists"; its list and the system show the rest.
 */
async function findStuck(order: RestartOrder, { pm2, reader }: IssueDeps): Promise<string | null> {
  try {
    const now = entryOf(order, await pm2.list());
    if (now === undefined || !isStuck(now)) return null;
    const state = (await reader.processes([now.pid]))?.get(now.pid)?.state ?? 'unknown';
    return `PM2 could not stop process ${now.pid}, not even with SIGKILL${STATES[state] ?? ''}`;
  } catch {
    return null;
  }
}

const STATES: Readonly<Partial<Record<ProcessState, string>>> = {
  disk: ' (it waits in the kernel, where no signal reaches it: a disk, a network drive or a frozen group)',
  traced: ' (a debugger or tracer holds it)',
  zombie: ' (it has exited, but its parent did not collect it)',
};
