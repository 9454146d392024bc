import type { Policy } from './policy.ts';
import type { State } from './state.ts';
import type { Failure, Streak } from './streak.ts';
import { enter, type Transition } from './transition.ts';
import type { Verdict } from './verdict.ts';

/** The state of a target whose restart is due, and waits. */
type BackoffState = Extract<State, { readonly name: 'backoff' }>;

/**
 * Until when a restart that is due waits so that a load balancer moves first (docs/HTTP.md); null where it need
 * not. Only an app that needs too much memory has requests to lose: of any other, /health has said 503 since it
 * fails. The wait charges nothing: at its end the restart is decided again, from what is known then.
 */
export function drainUntilOf(
  { state, at, process }: Verdict,
  failure: Failure,
  { drainMs = 0 }: Policy,
): number | null {
  // Also where it is judged from the start after a pause: until then /health was as last known.
  const isServing = failure.class === 'memory' && process.hasAnswered;
  if (!isServing || drainMs === 0) return null;
  const until = at + drainMs;
  // The settings can have changed to a shorter one.
  return isDraining(state) ? Math.min(state.drainUntil, until) : until;
}

/** True where the app has drained. */
export function hasDrained({ state, at }: Verdict, drainUntil: number): boolean {
  return isDraining(state) && at >= drainUntil;
}

/** The app drains, from `freeAt` on: after any other that does. */
export function drain(
  verdict: Verdict,
  { streak, failure }: { readonly streak: Streak; readonly failure: Failure },
  drainUntil: number,
  freeAt = Number.NEGATIVE_INFINITY,
): Transition {
  const { state, at } = verdict;
  const waiting = { name: 'backoff', streak, failure } as const;
  return isDraining(state) || at >= freeAt
    ? enter(verdict, { ...waiting, until: drainUntil, drainUntil })
    : enter(verdict, { ...waiting, until: freeAt });
}

/** True while a load balancer is to move away from the app, until its restart. */
export function isDraining(state: State): state is BackoffState & { readonly drainUntil: number } {
  return state.name === 'backoff' && state.drainUntil !== undefined;
}

/** The state without its drain: something else holds the restart back, and the app goes on serving. */
export function withoutDrain(state: BackoffState): BackoffState {
  const { drainUntil: _, ...plain } = state;
  return plain;
}
