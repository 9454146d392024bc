import type { Policy } from './policy.ts';

/** Our restarts in the sliding window: monotonic milliseconds, oldest first. */
export type Budget = readonly number[];

/** How many restarts are in the window that ends at `at`. */
export function usedAt(budget: Budget, at: number, { withinMs }: Policy['restarts']): number {
  return budget.filter((time) => time > at - withinMs).length;
}

/** True where one more restart at `at` is within the limit. */
export function hasRoom(budget: Budget, at: number, rules: Policy['restarts']): boolean {
  return usedAt(budget, at, rules) < rules.limit;
}

/**
 * Charges one restart, and forgets those that are no longer in the window, so that the list stays short.
 */
export function charge(budget: Budget, at: number, { withinMs }: Policy['restarts']): Budget {
  return [...budget.filter((time) => time > at - withinMs), at];
}
