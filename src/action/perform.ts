import { messageOf } from '../errors.ts';
import type { Pm2Client } from '../pm2/client.ts';
import type { ManagedProcess } from '../pm2/process.ts';
import type { Clock } from '../time/clock.ts';
import type { ActionResult } from '../verdict/event.ts';
import { checkOrder, type RestartOrder } from './decision.ts';

/** What came of an order, with one line for a person. */
export interface Performed {
  readonly result: ActionResult;
  readonly detail: string;
}

/** Restarts or reloads one process, once. */
export type Issue = (process: ManagedProcess) => Promise<void>;

/** The operator's `pm2 stop` is published when it has succeeded, which may be just after our call. */
const CROSSING_MS = 500;

/**
 * Carries out one restart: looks again, acts once, and never repeats a call, for one that timed out
 * may still run. Never rejects. An operator's stop that crossed the restart wins (DESIGN §5).
 */
export async function perform(
  order: RestartOrder,
  pm2: Pm2Client,
  clock: Clock,
  issue: Issue = (process) =>
    order.method === 'reload' ? pm2.reload(process) : pm2.restart(process),
): Promise<Performed> {
  if (!pm2.isConnected()) return { result: 'skipped', detail: 'not connected to the PM2 daemon' };
  let isStopWanted = false;
  const unsubscribe = pm2.onEvent(({ event, manually, pmId }) => {
    if (pmId === order.pmId && manually && event === 'stop') isStopWanted = true;
  });
  try {
    const check = checkOrder(order, await pm2.list());
    if (!check.proceed) return { result: 'skipped', detail: check.why };
    if (isStopWanted) return { result: 'skipped', detail: 'the operator stopped it' };
    const performed = await act(order, () => issue(check.process));
    await clock.sleep(isStopWanted ? 0 : CROSSING_MS);
    return isStopWanted ? await stopOnceMore(order, pm2) : performed;
  } catch (error) {
    // Only the list can have failed here: nothing was issued.
    return { result: 'skipped', detail: messageOf(error) };
  } finally {
    unsubscribe();
  }
}

async function act(order: RestartOrder, run: () => Promise<void>): Promise<Performed> {
  try {
    await run();
    return { result: 'done', detail: `${order.method}ed` };
  } catch (error) {
    return { result: 'failed', detail: messageOf(error) };
  }
}

/** The stop was lost in our restart: PM2 says ok to both, and the app ends online (FACTS). */
async function stopOnceMore(order: RestartOrder, pm2: Pm2Client): Promise<Performed> {
  try {
    const process = (await pm2.list()).find(
      ({ pmId, name }) => pmId === order.pmId && name === order.name,
    );
    if (process?.status === 'online' || process?.status === 'launching') await pm2.stop(process);
    return { result: 'done', detail: 'the operator stopped it meanwhile: stopped again' };
  } catch (error) {
    return { result: 'failed', detail: `stopping it for the operator: ${messageOf(error)}` };
  }
}
