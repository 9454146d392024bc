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

/** A time in which the restarts of all are held. */
export interface Hold {
  readonly from: number;
  readonly until: number;
  /** The end of the one before; who was held through that is not held again by this one. */
  readonly earlierUntil: number;
}

/** Nothing is held. */
export const NO_HOLD: Hold = {
  from: Number.NEGATIVE_INFINITY,
  until: Number.NEGATIVE_INFINITY,
  earlierUntil: Number.NEGATIVE_INFINITY,
};

/**
 * The hold as of `now`, given until when those that fail now call for one. Once begun it lasts its
 * time, whoever is well again meanwhile: of many that one fault hits, some are asked later than others.
 */
export function holdAt(hold: Hold, calledFor: number, now: number): Hold {
  if (now < hold.until || calledFor <= now) return hold;
  return { from: calledFor - HOLD_MS, until: calledFor, earlierUntil: hold.until };
}

/**
 * Until when a target is held that has failed since `badSince`. One that failed all through the hold
 * before is not held again: apps that fail together again and again must not keep it from its restart.
 */
export function heldFor({ until, earlierUntil }: Hold, badSince: number): number {
  const wasHeld = badSince <= earlierUntil - HOLD_MS + TOGETHER_MS;
  return wasHeld ? Number.NEGATIVE_INFINITY : until;
}
