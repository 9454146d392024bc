import { durationText } from '../text/duration-text.ts';
import { isBlind } from '../verdict/state.ts';
import { hasRoom } from '../verdict/budget.ts';
import type { Policy } from '../verdict/policy.ts';
import type { Verdict } from '../verdict/verdict.ts';

/** What a due restart waits for where nothing else is in its way. */
export const NEXT_RESTART = 'next restart if it still fails';

/** When a due restart comes that waits for nothing but time. */
export function nextRestartText(
  { until, drainUntil }: Extract<Verdict['state'], { name: 'backoff' }>,
  at: number,
): string {
  const drain = drainUntil === undefined ? '' : ' (drain)';
  return until > at ? `next restart in ${durationText(until - at)}${drain}` : NEXT_RESTART;
}

/** That a deploy keeps restarts back; null where none does, or where it has lasted too long to do so. */
export function holdText({ deployHold, at }: Verdict): string | null {
  if (deployHold === null || at >= deployHold.until) return null;
  const { until, reason } = deployHold;
  if (!Number.isFinite(until)) return `held: ${reason}`;
  return `held: ${reason} (for ${durationText(until - at)} more at most)`;
}

/** Why a target is not judged, and that a deploy holds its restarts also then. */
export function unknownSentence(
  state: Extract<Verdict['state'], { name: 'unknown' }>,
  verdict: Verdict,
): string {
  const why = isBlind(state) ? `the check itself gives no result (${state.blind})` : state.unfit;
  const held = holdText(verdict);
  return `unknown, not judged: ${why}${held === null ? '' : `; ${held}`}`;
}

/** When the trial comes, and why it does not wait for the cooldown. */
export function retryText(
  { memory, at, process }: Verdict,
  { until, saved }: Extract<Verdict['state'], { name: 'open' }>,
  policy: Policy,
): string {
  const leftMs = until - at;
  const news = saved === undefined ? '' : ` (${saved})`;
  if (leftMs > 0) return `retry in ${durationText(leftMs)}${news}`;
  if (saved === undefined) return 'retry when it is seen to fail and the budget allows it';
  const hasBudget = hasRoom(memory.budget, at, policy.restarts);
  if (!hasBudget) return `retry as soon as the budget allows it${news}`;
  return process.status === 'errored' ? `retry now${news}` : `retry if it still fails${news}`;
}

/** Why a trial is made now: the cooldown is over, or something has changed before that. */
export function trialReason({ saved }: Extract<Verdict['state'], { name: 'halfOpen' }>): string {
  return saved === undefined ? 'after the cooldown' : `because ${saved}`;
}

/** Why an app was given up: no restart helps, or none is allowed. */
export function openCause({ memory, orphansEnded, at }: Verdict, policy: Policy): string {
  const { restartsSinceOk: tried, budget } = memory;
  if (tried > 0) return `${tried} ${tried === 1 ? 'restart' : 'restarts'} did not help`;
  if (!hasRoom(budget, at, policy.restarts)) return 'the restart budget is spent';
  return orphansEnded.length > 0
    ? `an old process of the app was stopped ${orphansEnded.length} times, and there is one again`
    : 'restarts did not help before';
}
