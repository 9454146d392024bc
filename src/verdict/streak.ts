import type { FailureClass, Outcome } from '../probe/probe.ts';

/** A failed sample, as evidence. */
export type Failure = Extract<Outcome, { readonly kind: 'fail' }>;

/** Equal results in a row, up to the newest. At least one of the two counts is 0. */
export interface Streak {
  readonly failures: number;
  readonly successes: number;
}

/** The streak before the first result. */
export const NO_STREAK: Streak = { failures: 0, successes: 0 };

/** The streak after one more good answer. */
export function addSuccess(streak: Streak): Streak {
  return { failures: 0, successes: streak.successes + 1 };
}

/** The streak after one more bad answer. */
export function addFailure(streak: Streak): Streak {
  return { failures: streak.failures + 1, successes: 0 };
}

const NOT_RESTARTABLE: ReadonlySet<FailureClass> = new Set(['source', 'misconfig', 'impostor']);

/** True where a restart can fix a failure of this class (DESIGN §3). */
export function isRestartable(failure: Failure): boolean {
  return !NOT_RESTARTABLE.has(failure.class);
}
