import type { Policy } from './policy.ts';

/** Monotonic times of our restarts that still lie in the sliding window, oldest first. */
export type Budget = readonly number[];

/** How many restarts lie in the window that ends at `at`. */
export function usedAt(budget: Budget, at: number, { withinMs }: Policy['restarts']): number {
  return budget.filter((time) => time > at - withinMs).length;
}

/** True where one more restart at `at` stays inside the limit. */
export function hasRoom(budget: Budget, at: number, rules: Policy['restarts']): boolean {
  return usedAt(budget, at, rules) < rules.limit;
}

/** Charges one restart, and forgets those that left the window, so that the list never grows. */
export function charge(budget: Budget, at: number, { withinMs }: Policy['restarts']): Budget {
  return [...budget.filter((time) => time > at - withinMs), at];
}
