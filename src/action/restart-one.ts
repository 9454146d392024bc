import { codeOf, messageOf } from '../errors.ts';
import type { Pm2Client } from '../pm2/client.ts';
import type { ManagedProcess } from '../pm2/process.ts';
import type { OperatorRace } from './operator-race.ts';
import { checkOrder, type ExecutionResult, type RestartOrder } from './restart-order.ts';

/** Restarts or reloads one process, once. */
type Issue = (process: ManagedProcess) => Promise<void>;

/** PM2's answer while another reload runs: nothing was issued. */
const REFUSED = /Reload (?:already )?in progress/;

/** Errors from before the call. */
const NOT_ISSUED: ReadonlySet<string | undefined> = new Set(['ERR_PID_REUSED', 'ERR_RUNS_AGAIN']);

/**
 * Restarts one process: reads PM2's list again, then calls once. A call is never repeated, because one
 * that timed out may still run. Never rejects.
 */
export async function restartOne(
  order: RestartOrder,
  pm2: Pm2Client,
  race: OperatorRace,
  issue: Issue,
): Promise<ExecutionResult> {
  if (!pm2.isConnected()) return { result: 'skipped', detail: 'not connected to the PM2 daemon' };
  try {
    const check = checkOrder(order, await pm2.list());
    if (!check.proceed) return { result: 'skipped', detail: check.reason };
    if (race.intent !== null) return { result: 'skipped', detail: 'the operator stopped it' };
    return await issueOnce(order, () => issue(check.process));
  } catch (error) {
    // Only reading the list can have failed here: nothing was issued.
    return { result: 'skipped', detail: messageOf(error) };
  }
}

async function issueOnce(order: RestartOrder, run: () => Promise<void>): Promise<ExecutionResult> {
  try {
    await run();
    return { result: 'done', detail: `${order.method}ed` };
  } catch (error) {
    const detail = messageOf(error);
    if (codeOf(error) === 'ERR_STUCK') return { result: 'stuck', detail };
    if (NOT_ISSUED.has(codeOf(error))) return { result: 'skipped', detail };
    return { result: REFUSED.test(detail) ? 'skipped' : 'failed', detail };
  }
}
