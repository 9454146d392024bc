import { messageOf } from '../errors.ts';
import { daemonPidOf } from '../pm2/daemon-pid.ts';
import type { ActionDeps } from './action-deps.ts';
import { endLostProcess } from './lost-process.ts';
import type { OperatorRace } from './operator-race.ts';
import { entryOf, type ExecutionResult, type RestartOrder } from './restart-order.ts';

/** PM2 usually answers and reports an operator's call that crossed ours within this time. */
const CROSSING_MS = 500;

/** On a busy machine it takes up to this time. Nothing waits for this. */
const LATE_MS = 5_000;

/** The result of a restart that an operator's call crossed. */
interface OperatorRaceOutcome extends ExecutionResult {
  readonly isGone: boolean;
  /** False where the operator's call had its effect, so that we had nothing to do. */
  readonly hasActed: boolean;
}

/** Enforces what an operator did while we acted; null where there was nothing. Never rejects. */
export async function settleRace(
  { result }: ExecutionResult,
  order: RestartOrder,
  deps: ActionDeps,
  race: OperatorRace,
): Promise<OperatorRaceOutcome | null> {
  try {
    await race.mark(result === 'done');
  } catch {
    return null;
  }
  await race.wait(CROSSING_MS);
  return enforce(order, deps, race);
}

/** Does the same seconds later, and reports to `onLate` what had to be done. Never rejects. */
export async function settleRaceLate(
  order: RestartOrder,
  deps: ActionDeps,
  race: OperatorRace,
  onLate: (execution: ExecutionResult) => void,
): Promise<void> {
  await race.wait(LATE_MS);
  race.conclude();
  race.close();
  const late = await enforce(order, deps, race);
  if (late?.hasActed === true) onLate(late);
}

async function enforce(
  order: RestartOrder,
  deps: ActionDeps,
  race: OperatorRace,
): Promise<OperatorRaceOutcome | null> {
  const { intent } = race;
  try {
    const isRepeated = await race.enforce();
    const ended = await endIfLost(order, deps);
    if (intent === null && ended === null) return null;
    const word = intent === 'stop' ? 'stopped' : 'deleted';
    const again = isRepeated ? `: ${word} again` : '';
    const lost =
      ended && ended.length > 0 ? `, and its process ${ended.join(', ')} was stopped` : '';
    const detail = `the operator ${word} it meanwhile${again}${lost}`;
    return { result: 'done', detail, isGone: ended !== null, hasActed: again + lost !== '' };
  } catch (error) {
    if (intent === null) return null;
    const detail = `the operator’s ${intent}, repeated: ${messageOf(error)}`;
    return { result: 'failed', detail, isGone: false, hasActed: true };
  }
}

/** Stops the process of a deleted app that PM2 has lost; null where PM2 still lists the app. */
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
