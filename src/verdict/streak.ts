import type { FailureClass, Outcome } from '../probe/probe.ts';

/** A failed sample, as evidence. */
export type Failure = Extract<Outcome, { readonly kind: 'fail' }>;

/** The run of equal results at the end of what was seen; at most one of the two counts is not 0. */
export interface Streak {
  readonly failures: number;
  readonly successes: number;
}

/** The streak of one that has seen nothing yet. */
export const NO_STREAK: Streak = { failures: 0, successes: 0 };

/** The streak after one more good answer. */
export function succeeded(streak: Streak): Streak {
  return { failures: 0, successes: streak.successes + 1 };
}

/** The streak after one more bad answer. */
export function failed(streak: Streak): Streak {
  return { failures: streak.failures + 1, successes: 0 };
}

const UNMENDABLE: ReadonlySet<FailureClass> = new Set(['source', 'misconfig', 'impostor']);

/** True where a restart can mend a failure of this class (DESIGN §3). */
export function isRestartable(failure: Failure): boolean {
  return !UNMENDABLE.has(failure.class);
}
