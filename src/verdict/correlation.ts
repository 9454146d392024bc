/** Fewer targets than this, and nothing can be said of "all at once". */
const FEWEST_TARGETS = 3;

/** Failures that begin within so long of each other began together. */
export const TOGETHER_MS = 10_000;

/** How long restarts are held when it is more likely the host, or the checker (DESIGN §4). */
export const HOLD_MS = 30_000;

/**
 * Until when restarts are held, given when each failing target began to fail: half of three or more
 * that began together are held from the first of them on. -Infinity where nothing is held.
 */
export function heldUntil(beganAt: readonly number[], targets: number): number {
  if (targets < FEWEST_TARGETS) return Number.NEGATIVE_INFINITY;
  const times = beganAt.toSorted((a, b) => a - b);
  let until = Number.NEGATIVE_INFINITY;
  // The window from `first` on ends where it ended for the one before, or later: one pass over all.
  let end = 0;
  for (const [index, first] of times.entries()) {
    while (end < times.length && (times[end] ?? 0) - first <= TOGETHER_MS) end += 1;
    if ((end - index) * 2 >= targets) until = first + HOLD_MS;
  }
  return until;
}
