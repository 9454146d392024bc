import type { Pm2Client } from '../pm2/client.ts';
import { isAsOrdered, type RestartOrder } from './restart-order.ts';
import type { ExecutionResult } from './restart-one.ts';

/**
 * Carries out one order for all processes behind one port, one after the other, so that those which
 * are done can answer while the next is replaced; PM2's own lock allows no two reloads at a time
 * either. Each is looked at anew just before, as an app alone is, so an operator who stops or deletes
 * in the middle of it wins for every process he meant. Never rejects.
 */
export async function restartGroup(
  order: RestartOrder,
  members: NonNullable<RestartOrder['members']>,
  pm2: Pm2Client,
  execute: (single: RestartOrder) => Promise<ExecutionResult>,
): Promise<ExecutionResult> {
  const singles = members.map((member) => singleOf(order, member));
  const results: ExecutionResult[] = [];
  for (const [nth, single] of singles.entries()) {
    // The left-over is ended once, before the first of them.
    const reap = nth === 0 ? order.reap : [];
    results.push(await execute({ ...single, reap, reapGraceMs: order.reapGraceMs ?? 0 }));
    const [first] = results;
    // Who is not given up can now bind its port: there is nothing to restart (reap.ts).
    const isOver = first?.result !== 'done' || order.incarnation !== null;
    if (first !== undefined && order.reap.length > 0 && isOver) return first;
  }
  return summed(order, singles, results, await leftOf(singles, pm2));
}

function singleOf(
  { name, method }: RestartOrder,
  { pmId, incarnation }: Pick<RestartOrder, 'pmId' | 'incarnation'>,
): RestartOrder {
  return { pmId, name, method, incarnation, reap: [] };
}

/** Which of them PM2 still has as they were; null where it does not answer. */
async function leftOf(
  singles: readonly RestartOrder[],
  pm2: Pm2Client,
): Promise<readonly RestartOrder[] | null> {
  try {
    const processes = await pm2.list();
    return singles.filter((single) => isAsOrdered(single, processes));
  } catch {
    return null;
  }
}

/** A group is restarted when none of its lives is left as it was, whoever ended it. */
function summed(
  { method }: RestartOrder,
  singles: readonly RestartOrder[],
  results: readonly ExecutionResult[],
  left: readonly RestartOrder[] | null,
): ExecutionResult {
  const trouble = results.find(({ result }) => result !== 'done');
  if (trouble !== undefined && results.every(({ result }) => result === 'skipped')) {
    return trouble;
  }
  const isUntouched = results.every(({ result }) => result === 'skipped' || result === 'stuck');
  const stuck = results.find(({ result }) => result === 'stuck');
  if (stuck !== undefined && isUntouched) return stuck;
  const done = results.filter(({ result }) => result === 'done').length;
  const count = `${method}ed ${done} of ${singles.length} instances`;
  const detail =
    trouble === undefined ? count : `${count}; the first that was not: ${trouble.detail}`;
  const hasFailed = results.some(({ result }) => result === 'failed' || result === 'stuck');
  const isIncomplete = left === null ? hasFailed : left.length > 0;
  return { result: isIncomplete ? 'failed' : 'done', detail };
}
