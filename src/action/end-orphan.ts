import { messageOf } from '../errors.ts';
import { endTree } from '../os/signal/end-tree.ts';
import type { OsReader } from '../os/os-reader.ts';
import type { Pm2Client } from '../pm2/client.ts';
import type { Clock } from '../time/clock.ts';
import { checkOrphanOrder, isGivenUp, type Check, type RestartOrder } from './restart-order.ts';
import type { ExecutionResult } from './restart-one.ts';

/** How long a left-over has to end by itself, at least. */
const GRACE_MS = 1_500;

/**
 * Ends the left-over that an order names, and starts the app where PM2 has given it up. An app that
 * PM2 runs, or is about to, is left to bind the port it now can: to restart it as well could leave
 * the next left-over. Never rejects; nothing is signalled but the very lives that were proven.
 */
export async function endOrphan(
  order: RestartOrder,
  pm2: Pm2Client,
  reader: Pick<OsReader, 'births'>,
  clock: Clock,
): Promise<ExecutionResult> {
  const pids = order.reap.map(({ pid }) => pid).join(', ');
  const check = await checkNow(order, pm2);
  if (!check.proceed) return { result: 'skipped', detail: check.why };
  try {
    const graceMs = Math.max(GRACE_MS, order.reapGraceMs ?? 0, check.process.killTimeoutMs);
    const { left } = await endTree(order.reap, { clock, reader }, { graceMs });
    if (left.length > 0) {
      return { result: 'stuck', detail: `the left-over ${left.join(', ')} could not be ended` };
    }
    const again = await checkNow(order, pm2);
    if (!again.proceed || !isGivenUp(again.process)) {
      return { result: 'cleared', detail: `ended the left-over ${pids}; PM2 has the app` };
    }
    await pm2.restart(again.process);
    return { result: 'done', detail: `ended the left-over ${pids} and started the app` };
  } catch (error) {
    return { result: 'failed', detail: `ending the left-over ${pids}: ${messageOf(error)}` };
  }
}

async function checkNow(order: RestartOrder, pm2: Pm2Client): Promise<Check> {
  if (!pm2.isConnected()) return { proceed: false, why: 'not connected to the PM2 daemon' };
  try {
    return checkOrphanOrder(order, await pm2.list(), pm2.pids());
  } catch (error) {
    return { proceed: false, why: messageOf(error) };
  }
}
