import { LivenessError } from '../errors.ts';
import type { ProcessState } from '../os/os-reader.ts';
import type { ManagedProcess } from '../pm2/process.ts';
import { entryOf, isStuck, type RestartOrder } from './restart-order.ts';
import { needsPs, reloadWithoutPs, restartWithoutPs, type TreeDeps } from './restart-without-ps.ts';

/** What issuing a restart needs of the world. */
export interface IssueDeps extends TreeDeps {
  /** True while the PM2 daemon lacks the program `ps`. Never rejects. */
  readonly isPsMissing: () => Promise<boolean>;
}

/**
 * Asks PM2 for the restart or reload of an order, or goes around what PM2 cannot do without `ps`.
 * Throws ERR_STUCK where the old life could not be ended, so that nothing was started.
 */
export async function issue(
  order: RestartOrder,
  process: ManagedProcess,
  ports: IssueDeps,
): Promise<void> {
  try {
    await ask(order, process, ports);
  } catch (error) {
    const stuck = await stuckOf(order, ports);
    if (stuck === null) throw error;
    throw new LivenessError('ERR_STUCK', stuck, { cause: error });
  }
}

async function ask(
  { method }: RestartOrder,
  process: ManagedProcess,
  ports: IssueDeps,
): Promise<void> {
  const { pm2, isPsMissing } = ports;
  const isReload = method === 'reload';
  if (needsPs(process) && (await isPsMissing())) {
    // PM2 restarts what it is to reload outside of cluster mode.
    return isReload && process.isCluster
      ? reloadWithoutPs(process, ports)
      : restartWithoutPs(process, ports);
  }
  return isReload ? pm2.reload(process) : pm2.restart(process);
}

/** PM2 says only that the pid "already exists"; its list and the system know why. Null where it is not that. */
async function stuckOf(order: RestartOrder, { pm2, reader }: IssueDeps): Promise<string | null> {
  try {
    const now = entryOf(order, await pm2.list());
    if (now === undefined || !isStuck(now)) return null;
    const state = (await reader.processes([now.pid]))?.get(now.pid)?.state ?? 'unknown';
    return `PM2 could not end process ${now.pid}, not even by SIGKILL${STATES[state] ?? ''}`;
  } catch {
    return null;
  }
}

const STATES: Readonly<Partial<Record<ProcessState, string>>> = {
  disk: ' (it is in a wait that no signal ends, as for a disk, a network drive or a frozen group)',
  traced: ' (a debugger or tracer holds it)',
  zombie: ' (it has ended, but nobody has taken note of it)',
};
