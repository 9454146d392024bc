import { withTimeout } from '../time/deadline.ts';
import type { ActionDeps } from './action-deps.ts';
import { execute } from './execute.ts';
import type { ExecutionResult, RestartOrder } from './restart-order.ts';

/** How long the lock may take to answer: a hanging disk must not delay a restart. */
const CHECK_MS = 2_000;

/** What a leader's order needs beside PM2 and the system. */
export interface LeaderActionDeps extends Omit<ActionDeps, 'mayAct'> {
  /** Our lock, which is checked before a restart. */
  readonly lock: { check(): Promise<boolean> };
  /** Saves the state. */
  readonly save: () => Promise<unknown>;
  /** Called with a result that shows only after the order has ended. */
  readonly onLate: (order: RestartOrder, execution: ExecutionResult) => void;
}

/** Executes an order. Only the leader may act, and only with the restart on disk: we may be killed just after. */
export async function executeAsLeader(
  order: RestartOrder,
  deps: LeaderActionDeps,
): Promise<ExecutionResult> {
  const mayAct = (): Promise<boolean> => withTimeout(deps.lock.check(), CHECK_MS, true, deps.clock);
  if (!(await mayAct())) {
    return { result: 'skipped', detail: 'the lock on this PM2_HOME was lost' };
  }
  await deps.save();
  return execute(order, { ...deps, mayAct }, (execution) => deps.onLate(order, execution));
}
