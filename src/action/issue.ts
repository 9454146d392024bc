import { LivenessError } from '../errors.ts';
import type { ProcessState } from '../os/os-reader.ts';
import type { ManagedProcess } from '../pm2/process.ts';
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
  { method }: RestartOrder,
  process: ManagedProcess,
  deps: IssueDeps,
): Promise<void> {
  const { pm2, isPsMissing } = deps;
  const isReload = method === 'reload';
  if (needsPs(process) && (await isPsMissing())) {
    // Outside of cluster mode PM2's reload is a restart.
    return isReload && process.isCluster
      ? reloadWithoutPs(process, deps)
      : restartWithoutPs(process, deps);
  }
  return isReload ? pm2.reload(process) : pm2.restart(process);
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
