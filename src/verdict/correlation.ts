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
  for (const [index, first] of times.entries()) {
    const together = times.slice(index).filter((at) => at - first <= TOGETHER_MS).length;
    if (together * 2 >= targets) until = Math.max(until, first + HOLD_MS);
  }
  return until;
}
