import { messageOf } from '../errors.ts';
import { endTree } from '../os/signal/end-tree.ts';
import type { OsReader } from '../os/os-reader.ts';
import type { Pm2Client } from '../pm2/client.ts';
import type { Clock } from '../time/clock.ts';
import {
  checkOrphanOrder,
  isGivenUp,
  type Check,
  type ExecutionResult,
  type RestartOrder,
} from './restart-order.ts';

/** An orphan has at least this time to exit by itself. */
const GRACE_MS = 1_500;

/**
 * Stops the orphan that an order names, and starts the app where PM2 has given it up. An app that PM2
 * runs, or is about to start, can now bind the port by itself: a restart could create the next orphan.
 * Never rejects. Signals only the proven processes.
 */
export async function endOrphan(
  order: RestartOrder,
  pm2: Pm2Client,
  reader: Pick<OsReader, 'births'>,
  clock: Clock,
): Promise<ExecutionResult> {
  const pids = order.orphan.map(({ pid }) => pid).join(', ');
  const check = await checkNow(order, pm2);
  if (!check.proceed) return { result: 'skipped', detail: check.reason };
  try {
    const graceMs = Math.max(GRACE_MS, order.orphanGraceMs ?? 0, check.process.killTimeoutMs);
    const { left } = await endTree(order.orphan, { clock, reader }, { graceMs });
    if (left.length > 0) {
      const detail = `the old process ${left.join(', ')} of the app could not be stopped`;
      return { result: 'stuck', detail };
    }
    const again = await checkNow(order, pm2);
    if (!again.proceed || !isGivenUp(again.process)) {
      const detail = `stopped the old process ${pids} of the app; PM2 runs the app`;
      return { result: 'cleared', detail };
    }
    await pm2.restart(again.process);
    const detail = `stopped the old process ${pids} of the app, and started the app`;
    return { result: 'done', detail };
  } catch (error) {
    const detail = `stopping the old process ${pids} of the app: ${messageOf(error)}`;
    return { result: 'failed', detail };
  }
}

async function checkNow(order: RestartOrder, pm2: Pm2Client): Promise<Check> {
  if (!pm2.isConnected()) return { proceed: false, reason: 'not connected to the PM2 daemon' };
  try {
    return checkOrphanOrder(order, await pm2.list(), pm2.pids());
  } catch (error) {
    return { proceed: false, reason: messageOf(error) };
  }
}
