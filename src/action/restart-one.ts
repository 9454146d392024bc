import { codeOf, messageOf } from '../errors.ts';
import type { Pm2Client } from '../pm2/client.ts';
import type { ManagedProcess } from '../pm2/process.ts';
import type { ActionResult } from '../verdict/event.ts';
import type { OperatorRace } from './operator-race.ts';
import { checkOrder, type RestartOrder } from './restart-order.ts';

/** What came of an order, with one line for a person. */
export interface ExecutionResult {
  readonly result: ActionResult;
  readonly detail: string;
}

/** Restarts or reloads one process, once. */
export type Issue = (process: ManagedProcess) => Promise<void>;

/** Somebody else reloads just now; PM2 then refuses, and nothing was issued. */
const REFUSED = /Reload (?:already )?in progress/;

/**
 * Carries out one restart: looks again, acts once, and never repeats a call, for one that timed out
 * may still run. Never rejects.
 */
export async function restartOne(
  order: RestartOrder,
  pm2: Pm2Client,
  watch: OperatorRace,
  issue: Issue,
): Promise<ExecutionResult> {
  if (!pm2.isConnected()) return { result: 'skipped', detail: 'not connected to the PM2 daemon' };
  try {
    const check = checkOrder(order, await pm2.list());
    if (!check.proceed) return { result: 'skipped', detail: check.why };
    if (watch.intent !== null) return { result: 'skipped', detail: 'the operator stopped it' };
    return await act(order, () => issue(check.process));
  } catch (error) {
    // Only the list can have failed here: nothing was issued.
    return { result: 'skipped', detail: messageOf(error) };
  }
}

async function act(order: RestartOrder, run: () => Promise<void>): Promise<ExecutionResult> {
  try {
    await run();
    return { result: 'done', detail: `${order.method}ed` };
  } catch (error) {
    const detail = messageOf(error);
    if (codeOf(error) === 'ERR_STUCK') return { result: 'stuck', detail };
    return { result: REFUSED.test(detail) ? 'skipped' : 'failed', detail };
  }
}
