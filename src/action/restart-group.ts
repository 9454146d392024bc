import type { Pm2Client } from '../pm2/client.ts';
import { isAsOrdered, type ExecutionResult, type RestartOrder } from './restart-order.ts';

/**
 * Executes one order for all processes behind one port, one after the other, so that the others can
 * answer while one is replaced. PM2's own lock allows only one reload at a time, too. Each process is
 * checked just before its turn, as a single app is, so an operator's stop or delete in between wins.
 * Never rejects.
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
    // The orphan is stopped once, before the first of them.
    const orphan = nth === 0 ? order.orphan : [];
    results.push(await execute({ ...single, orphan, orphanGraceMs: order.orphanGraceMs ?? 0 }));
    const [first] = results;
    // An app that PM2 has not given up can now bind its port: no restart (end-orphan.ts).
    const isOver = first?.result !== 'done' || order.incarnation !== null;
    if (first !== undefined && order.orphan.length > 0 && isOver) return first;
  }
  return summarize(order, singles, results, await findUntouched(singles, pm2));
}

function singleOf(
  { name, method }: RestartOrder,
  { pmId, incarnation, lost }: NonNullable<RestartOrder['members']>[number],
): RestartOrder {
  return { pmId, name, method, incarnation, ...(lost && { lost }), orphan: [] };
}

/** Those that PM2 still has unchanged; null where PM2 does not answer. */
async function findUntouched(
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

/**
 * One result for the group: it is restarted when none of its old incarnations runs, no matter who stopped
 * them.
 */
function summarize(
  { method }: RestartOrder,
  singles: readonly RestartOrder[],
  results: readonly ExecutionResult[],
  untouched: readonly RestartOrder[] | null,
): ExecutionResult {
  const first = results.find(({ result }) => result !== 'done');
  if (first !== undefined && results.every(({ result }) => result === 'skipped')) {
    return first;
  }
  const isUntouched = results.every(({ result }) => result === 'skipped' || result === 'stuck');
  const stuck = results.find(({ result }) => result === 'stuck');
  if (stuck !== undefined && isUntouched) return stuck;
  const done = results.filter(({ result }) => result === 'done').length;
  const count = `${method}ed ${done} of ${singles.length} instances`;
  const detail = first === undefined ? count : `${count}; the first that was not: ${first.detail}`;
  const hasFailed = results.some(({ result }) => result === 'failed' || result === 'stuck');
  const isIncomplete = untouched === null ? hasFailed : untouched.length > 0;
  return { result: isIncomplete ? 'failed' : 'done', detail };
}
