import { openBreaker } from '../breaker.ts';
import type { RestartEvidence } from '../event.ts';
import type { Policy } from '../policy.ts';
import type { LostEvidence } from '../process.ts';
import { revive, startTrial } from '../restart.ts';
import type { State } from '../state.ts';
import { NO_STREAK, type Failure } from '../streak.ts';
import { enter, unchanged, type Transition } from '../transition.ts';
import type { Verdict } from '../verdict.ts';

/**
 * PM2 says that it lost the app. When a missing path comes back, earlier restarts do not count as restarts
 * that did not help: the next one is due at once, and only the budget still counts.
 */
export function onLost(before: Verdict, verdict: Verdict, policy: Policy): Transition {
  const { state } = verdict;
  // A restart of ours reports this itself.
  if (verdict.pending !== null) return unchanged(verdict);
  if (isBack(before.process.lost, verdict.process.lost)) return waitToStart(forgive(verdict));
  if (state.name === 'halfOpen') return openBreaker(verdict, policy, lossOf(verdict), true);
  const isKnown = state.name === 'open' && state.failure?.class === 'lost';
  return isKnown ? enter(verdict, { ...state, failure: lossOf(verdict) }) : waitToStart(verdict);
}

/** The app is down, and is started again by budget, backoff and breaker once nothing is missing. */
export function waitToStart(verdict: Verdict): Transition {
  const { at, memory } = verdict;
  const until = Math.max(at, memory.backoff.notBefore);
  const failure = lossOf(verdict);
  return enter(verdict, { name: 'backoff', until, streak: NO_STREAK, failure });
}

/** Starts an app that PM2 lost, where that is due and nothing is known to be missing. */
export function startLost(verdict: Verdict, evidence: RestartEvidence, policy: Policy): Transition {
  const { state, at, process } = verdict;
  const { lost } = process;
  if (policy.action === 'observe' || lost?.missing !== null) return unchanged(verdict);
  if (lost.isDeadEnd === true) return unchanged(verdict);
  if (state.name === 'backoff') return revive(verdict, evidence, policy);
  const isDue = state.name === 'open' && at >= state.until;
  return isDue ? startTrial(verdict, lossOf(verdict), evidence, policy) : unchanged(verdict);
}

/** What a failed trial leaves as its reason; null for an app that PM2 gave up. */
export function lossIn(verdict: Verdict): Failure | null {
  return verdict.process.status === 'lost' ? lossOf(verdict) : null;
}

/** True while the app is down because PM2 could not start it. */
export function isLost(state: State): boolean {
  return state.name === 'backoff' && state.failure.class === 'lost';
}

/** True where PM2 says something else of the loss than before. */
export function isOtherLoss(
  one: LostEvidence | undefined,
  other: LostEvidence | undefined,
): boolean {
  return one?.detail !== other?.detail || one?.missing !== other?.missing;
}

function lossOf({ process }: Verdict): Failure {
  const detail = process.lost?.detail ?? 'PM2 could not start it';
  return { kind: 'fail', class: 'lost', detail };
}

function isBack(before: LostEvidence | undefined, now: LostEvidence | undefined): boolean {
  return typeof before?.missing === 'string' && now?.missing === null;
}

/** No restart has failed, and none has to wait; the budget stays charged. */
function forgive(verdict: Verdict): Verdict {
  const { memory } = verdict;
  const backoff = { ...memory.backoff, notBefore: Number.NEGATIVE_INFINITY };
  return { ...verdict, memory: { ...memory, restartsSinceOk: 0, openUntil: null, backoff } };
}
