import type { ManagedProcess } from '../pm2/process.ts';
import type { RestartOrder } from './decision.ts';
import {
  needsPs,
  reloadWithoutPs,
  restartWithoutPs,
  type TreePorts,
} from './restart-without-ps.ts';

/** What issuing a restart needs of the world. */
export interface IssuePorts extends TreePorts {
  /** True while the PM2 daemon lacks the program `ps`. Never rejects. */
  readonly isPsMissing: () => Promise<boolean>;
}

/** Asks PM2 for the restart or reload of an order, or goes around what PM2 cannot do without `ps`. */
export async function issue(
  { method }: RestartOrder,
  process: ManagedProcess,
  ports: IssuePorts,
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
