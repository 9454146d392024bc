import type { Verdict } from '../verdict/verdict.ts';

/** The end of a startup time is no event: while apps start, the hold is computed again after this. */
const LOOK_MS = 250;

/** One millisecond of rest for this many targets; none below that. */
const TARGETS_A_MS = 100;

/**
 * Until when the restarts of all workers are held, because many began to fail at once (DESIGN §4).
 * Every worker asks in every round, so it is reckoned once for all until a target changes its state.
 */
export class MassFailureHold {
  readonly #verdicts: () => readonly Verdict[];
  readonly #now: () => number;
  #hold: Hold = NO_HOLD;
  #staleAt = Number.NEGATIVE_INFINITY;
  /** Not computed again before this: over thousands that change together that would be quadratic. */
  #restsUntil = Number.NEGATIVE_INFINITY;

  constructor(verdicts: () => readonly Verdict[], now: () => number) {
    this.#verdicts = verdicts;
    this.#now = now;
  }

  /** Until when a target in this state is held; in the past where it is not. */
  untilFor({ incident, since, state }: Verdict): number {
    const now = this.#now();
    if (now >= this.#staleAt) this.#reckon(now);
    const isBad = state.name === 'failing' || state.name === 'backoff' || state.name === 'starting';
    // An app that flaps was well in between, however long ago its incident began.
    const isLasting = incident !== null && incident.cause !== 'flapping';
    return heldFor(this.#hold, isLasting ? incident.openedAt : isBad ? since : now);
  }

  /** A target has come, gone or changed its state. */
  forget(): void {
    this.#staleAt = Math.min(this.#staleAt, this.#restsUntil);
  }

  #reckon(now: number): void {
    const verdicts = this.#verdicts();
    const began = verdicts.flatMap((verdict) => failingSince(verdict, now) ?? []);
    // What nobody asks cannot begin to fail: half of those that run is half.
    const asked = verdicts.filter(({ state }) => state.name !== 'paused').length;
    this.#hold = holdAt(this.#hold, heldUntil(began, asked), now);
    const isStarting = verdicts.some(({ state }) => state.name === 'starting');
    this.#restsUntil = now + Math.floor(verdicts.length / TARGETS_A_MS);
    this.#staleAt = isStarting ? now + LOOK_MS : Number.POSITIVE_INFINITY;
  }
}

/** Since when a target fails in a way that leads to a restart; null where it does not. */
function failingSince({ state, since }: Verdict, now: number): number | null {
  if (state.name === 'failing' || state.name === 'backoff') return since;
  const isLate = state.name === 'starting' && state.failure !== null && now >= state.deadline;
  return isLate ? state.deadline : null;
}

/** Fewer targets than this, and nothing can be said of "all at once". */
const FEWEST_TARGETS = 3;

/** Failures that begin this close to each other began together. */
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
 * time, no matter who is well again meanwhile: of many that one fault hits, some are asked later than others.
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
