import type { Policy } from '../policy.ts';
import { enter, unchanged, type Transition } from '../transition.ts';
import type { Verdict } from '../verdict.ts';

/**
 * What may have kept the app down has changed: the trial is due without the rest of the cooldown, within
 * backoff and budget. An app that runs is asked once more before it. Any other state does not wait for
 * a person, and the stop of an operator stays one.
 */
export function onSaved(verdict: Verdict, what: string, policy: Policy): Transition {
  const { state, at, memory } = verdict;
  if (state.name !== 'open' || policy.action === 'observe') return unchanged(verdict);
  const due = Math.max(at, memory.backoff.notBefore);
  const until = Math.min(state.until, due);
  const { failures, successes } = state.streak;
  // The breaker opened on proven failures, and none of the answers since was good.
  const isProven = successes === 0;
  const streak = { failures: Math.max(failures, policy.failureThreshold - 1), successes };
  const next = { ...state, until, saved: what, ...(isProven && { streak }) };
  return enter(verdict, next, { ...memory, openUntil: until });
}
