import type { OsReader } from '../os/os-reader.ts';
import type { Pm2Client } from '../pm2/client.ts';
import type { Clock } from '../time/clock.ts';
import { settle, settleLate } from './operator-race-outcome.ts';
import { OperatorRace } from './operator-race.ts';
import type { RestartOrder } from './restart-order.ts';
import { issue } from './issue.ts';
import { restartGroup } from './restart-group.ts';
import { restartOne, type ExecutionResult } from './restart-one.ts';
import { endOrphan } from './end-orphan.ts';

/** What acting needs of the world. */
export interface ActionDeps {
  readonly pm2: Pm2Client;
  readonly clock: Clock;
  readonly reader: OsReader;
  readonly pm2Home: string;
  /** Only who leads may act. Never rejects. */
  readonly mayAct: () => Promise<boolean>;
  /** True while the PM2 daemon lacks the program `ps`. Never rejects. */
  readonly isPsMissing: () => Promise<boolean>;
}

/**
 * Carries out whatever an order asks for. Never rejects. An operator's stop or delete that crosses it
 * wins (DESIGN §5); one that shows only after we have answered is heeded too, and told to `tellLate`.
 */
export async function execute(
  order: RestartOrder,
  ports: ActionDeps,
  tellLate: (execution: ExecutionResult) => void = () => undefined,
): Promise<ExecutionResult> {
  const { pm2, clock, reader } = ports;
  if (order.members !== undefined) {
    return restartGroup(order, order.members, pm2, async (single) => {
      // A group takes its time, and another monitor may lead by now.
      if (await ports.mayAct()) return execute(single, ports, tellLate);
      return { result: 'skipped', detail: 'the lock on this PM2_HOME was lost' };
    });
  }
  const watch = new OperatorRace(order, pm2, clock);
  const execution =
    order.reap.length > 0
      ? await endOrphan(order, pm2, reader, clock)
      : await restartOne(order, pm2, watch, (process) => issue(order, process, ports));
  if (execution.result === 'skipped' || execution.result === 'cleared') {
    watch.close();
    return execution;
  }
  const crossed = await settle(execution, order, ports, watch);
  if (crossed?.isGone === true) watch.close();
  else void settleLate(order, ports, watch, tellLate);
  return crossed ?? execution;
}
