import { incarnationOf } from '../pm2/process.ts';
import type { ActionDeps } from './action-deps.ts';
import { endOrphan } from './end-orphan.ts';
import { issue } from './issue.ts';
import { settleRace, settleRaceLate } from './operator-race-outcome.ts';
import { OperatorRace } from './operator-race.ts';
import { restartGroup } from './restart-group.ts';
import { restartOne } from './restart-one.ts';
import type { ExecutionResult, RestartOrder } from './restart-order.ts';
import { startLost } from './start-lost.ts';

/**
 * Executes an order of any kind. Never rejects. An operator's stop or delete that crosses it wins (DESIGN
 * §5). One that shows only after this has resolved is enforced too, and reported to `onLate`.
 */
export async function execute(
  order: RestartOrder,
  deps: ActionDeps,
  onLate: (execution: ExecutionResult) => void = () => undefined,
): Promise<ExecutionResult> {
  const { pm2, clock, reader } = deps;
  if (order.members !== undefined) {
    return restartGroup(order, order.members, pm2, async (single) => {
      // A group takes time, and another monitor may lead by now.
      if (await deps.mayAct()) return execute(single, deps, onLate);
      return { result: 'skipped', detail: 'the lock on this PM2_HOME was lost' };
    });
  }
  const race = new OperatorRace(order, pm2, clock);
  const execution =
    order.orphan.length > 0
      ? await endOrphan(order, pm2, reader, clock)
      : await restartOne(order, pm2, race, (process) =>
          order.lost === undefined ? issue(order, process, deps) : startLost(process, deps, race),
        );
  if (execution.result === 'skipped' || execution.result === 'cleared') {
    race.close();
    return execution;
  }
  const outcome = await settleRace(execution, order, deps, race);
  if (outcome?.isGone === true) race.close();
  else void settleRaceLate(order, deps, race, onLate);
  return outcome ?? withPid(execution, order, race);
}

/** Adds the pid of the new process, where PM2's list shows one. */
function withPid(
  execution: ExecutionResult,
  { method, incarnation, orphan }: RestartOrder,
  { begun }: OperatorRace,
): ExecutionResult {
  const isNew = begun !== null && begun.pid > 0 && incarnationOf(begun) !== incarnation;
  if (execution.result !== 'done' || !isNew || orphan.length > 0) return execution;
  return { ...execution, detail: `${method}ed as pid ${begun.pid}` };
}
