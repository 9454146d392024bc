import { messageOf } from '../errors.ts';
import { daemonPidOf } from '../pm2/daemon-pid.ts';
import type { ActionDeps } from './execute.ts';
import type { OperatorRace } from './operator-race.ts';
import { entryOf, type RestartOrder } from './restart-order.ts';
import type { ExecutionResult } from './restart-one.ts';
import { endLostProcess } from './lost-process.ts';

/** An operator's call that crossed ours is as a rule answered, and told of, so soon after it. */
const CROSSING_MS = 500;

/** And on a machine under load so late: nothing waits for that. */
const LATE_MS = 5_000;

/** What became of a restart that an operator's call crossed. */
export interface OperatorRaceOutcome extends ExecutionResult {
  readonly isGone: boolean;
  /** False where the operator's call did what it should, and nothing was left for us to do. */
  readonly hasActed: boolean;
}

/** What an operator did while we acted; null where there was nothing. Never rejects. */
export async function settle(
  { result }: ExecutionResult,
  order: RestartOrder,
  ports: ActionDeps,
  watch: OperatorRace,
): Promise<OperatorRaceOutcome | null> {
  try {
    await watch.mark(result === 'done');
  } catch {
    return null;
  }
  await watch.wait(CROSSING_MS);
  return heed(order, ports, watch);
}

/** The same a good while later. Never rejects. */
export async function settleLate(
  order: RestartOrder,
  ports: ActionDeps,
  watch: OperatorRace,
  tellLate: (execution: ExecutionResult) => void,
): Promise<void> {
  await watch.wait(LATE_MS);
  watch.conclude();
  watch.close();
  const late = await heed(order, ports, watch);
  if (late?.hasActed === true) tellLate(late);
}

async function heed(
  order: RestartOrder,
  ports: ActionDeps,
  watch: OperatorRace,
): Promise<OperatorRaceOutcome | null> {
  const { intent } = watch;
  try {
    const isRepeated = await watch.heed();
    const ended = await endIfLost(order, ports);
    if (intent === null && ended === null) return null;
    const word = intent === 'stop' ? 'stopped' : 'deleted';
    const again = isRepeated ? `: ${word} again` : '';
    const left = ended && ended.length > 0 ? `, and its process ${ended.join(', ')} was ended` : '';
    const detail = `the operator ${word} it meanwhile${again}${left}`;
    return { result: 'done', detail, isGone: ended !== null, hasActed: again + left !== '' };
  } catch (error) {
    if (intent === null) return null;
    const detail = `the operator’s ${intent}, repeated: ${messageOf(error)}`;
    return { result: 'failed', detail, isGone: false, hasActed: true };
  }
}

/** Ends the process of a deleted app that PM2 has lost sight of; null where the app is there. */
async function endIfLost(
  order: RestartOrder,
  { pm2, clock, reader, pm2Home }: ActionDeps,
): Promise<readonly number[] | null> {
  if (entryOf(order, await pm2.list()) !== undefined) return null;
  const daemonPid = await daemonPidOf(pm2Home);
  const pidsNow = async (): Promise<readonly number[]> => {
    await pm2.list();
    return pm2.pids();
  };
  return endLostProcess(order, { reader, clock, pm2Home, daemonPid, pm2Pids: pm2.pids(), pidsNow });
}
