import { messageOf } from '../errors.ts';
import { endTree } from '../os/end-tree.ts';
import type { OsReader } from '../os/os-reader.ts';
import type { Pm2Client } from '../pm2/client.ts';
import type { Clock } from '../time/clock.ts';
import { checkReap, needsRestart, type RestartOrder } from './decision.ts';
import type { Performed } from './perform.ts';

/** How long a left-over has to end by itself. */
const GRACE_MS = 1_500;

/**
 * Ends the left-over that an order names, and restarts the app unless PM2 is already at it.
 * Never rejects. Nothing is signalled that is not the very life that was proven.
 */
export async function reapAndRestart(
  order: RestartOrder,
  pm2: Pm2Client,
  reader: Pick<OsReader, 'births'>,
  clock: Clock,
): Promise<Performed> {
  const pids = order.reap.map(({ pid }) => pid).join(', ');
  try {
    const check = checkReap(order, await pm2.list(), pm2.pids());
    if (!check.proceed) return { result: 'skipped', detail: check.why };
    const { left } = await endTree(order.reap, { clock, reader }, { graceMs: GRACE_MS });
    if (left.length > 0) {
      return { result: 'failed', detail: `the left-over ${left.join(', ')} could not be ended` };
    }
    const again = checkReap(order, await pm2.list(), pm2.pids());
    if (!again.proceed)
      return { result: 'done', detail: `ended the left-over ${pids}; ${again.why}` };
    if (needsRestart(again.process)) await pm2.restart(again.process);
    return { result: 'done', detail: `ended the left-over ${pids} and restarted` };
  } catch (error) {
    return { result: 'failed', detail: `ending the left-over ${pids}: ${messageOf(error)}` };
  }
}
