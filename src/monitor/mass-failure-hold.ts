import { isLasting } from '../verdict/incident/incident.ts';
import type { Verdict } from '../verdict/verdict.ts';

/**
 * The end of a startup time causes no event, so while apps start the hold is computed again after this time.
 */
const LOOK_MS = 250;

/** One millisecond of rest for each this many targets; none for fewer. */
const TARGETS_A_MS = 100;

/**
 * Until when the restarts of all workers are held, because many began to fail at once (DESIGN §4). Every
 * worker asks in every round, so one result is kept for all until a target changes its state.
 */
export class MassFailureHold {
  readonly #verdicts: () => readonly Verdict[];
  readonly #now: () => number;
  #hold: Hold = NO_HOLD;
  #staleAt = Number.NEGATIVE_INFINITY;
  /**
   * Not computed again before this time: with thousands of targets that change together that would be
   * quadratic.
   */
  #restsUntil = Number.NEGATIVE_INFINITY;

  constructor(verdicts: () => readonly Verdict[], now: () => number) {
    this.#verdicts = verdicts;
    this.#now = now;
  }

  /** Until when a target in this state is held: monotonic milliseconds, in the past where it is not held. */
  untilFor({ incident, since, state }: Verdict): number {
    const now = this.#now();
    if (now >= this.#staleAt) this.#reckon(now);
    const isBad = state.name === 'failing' || state.name === 'backoff' || state.name === 'starting';
    // An app that flaps or is unstable was well in between, however long ago its incident began.
    const isBadSince = incident !== null && !isLasting(incident);
    return heldFor(this.#hold, isBadSince ? incident.openedAt : isBad ? since : now);
  }

  /** To be called when a target has come, gone or changed its state. */
  forget(): void {
    this.#staleAt = Math.min(this.#staleAt, this.#restsUntil);
  }

  #reckon(now: number): void {
    const verdicts = this.#verdicts();
    const began = verdicts.flatMap((verdict) => failingSince(verdict, now) ?? []);
    // A paused app is not probed and cannot begin to fail, so it does not count.
    const asked = verdicts.filter(isAsked).length;
    this.#hold = holdAt(this.#hold, heldUntil(began, asked), now);
    const isStarting = verdicts.some(({ state }) => state.name === 'starting');
    this.#restsUntil = now + Math.floor(verdicts.length / TARGETS_A_MS);
    this.#staleAt = isStarting ? now + LOOK_MS : Number.POSITIVE_INFINITY;
  }
}

/** What is down with its dependency says nothing of the machine, and is not restarted anyway. */
function isAsked({ state, dependency }: Verdict): boolean {
  return state.name !== 'paused' && dependency.hold === null;
}

/** Since when a target has failed in a way that leads to a restart; null where it does not. */
function failingSince(verdict: Verdict, now: number): number | null {
  const { state, since } = verdict;
  if (!isAsked(verdict)) return null;
  if (state.name === 'failing' || state.name === 'backoff') return since;
  const isLate = state.name === 'starting' && state.failure !== null && now >= state.deadline;
  return isLate ? state.deadline : null;
}

/** With fewer targets than this there is no "all at once". */
const FEWEST_TARGETS = 3;

/** Failures that begin this close to each other began together. */
const TOGETHER_MS = 10_000;

/** How long restarts are held when the fault is more likely in the host or in the monitor (DESIGN §4). */
export const HOLD_MS = 30_000;

/**
 * Until when restarts are held, from the times at which failing targets began to fail (`beganAt`) and the
 * number of all targets. A hold needs three targets or more, half of which began to fail together, and
 * counts from the first of these. -Infinity where nothing is held.
 */
export function heldUntil(beganAt: readonly number[], targets: number): number {
  if (targets < FEWEST_TARGETS) return Number.NEGATIVE_INFINITY;
  const times = beganAt.toSorted((a, b) => a - b);
  let until = Number.NEGATIVE_INFINITY;
  // The window of `first` ends where the window before it ended, or later: one pass is enough.
  let end = 0;
  for (const [index, first] of times.entries()) {
    while (end < times.length && (times[end] ?? 0) - first <= TOGETHER_MS) end += 1;
    if ((end - index) * 2 >= targets) until = first + HOLD_MS;
  }
  return until;
}

/** A time in which the restarts of all are held. */
interface Hold {
  readonly from: number;
  readonly until: number;
  /** The end of the hold before. A target that was held until then is not held again by this one. */
  readonly earlierUntil: number;
}

/** Nothing is held. */
export const NO_HOLD: Hold = {
  from: Number.NEGATIVE_INFINITY,
  until: Number.NEGATIVE_INFINITY,
  earlierUntil: Number.NEGATIVE_INFINITY,
};

/**
 * The hold at `now`; `calledFor` is until when the present failures call for one. A hold that has begun
 * lasts its whole time, even if some targets are well again: after one common fault, some targets are
 * probed later than others.
 */
function holdAt(hold: Hold, calledFor: number, now: number): Hold {
  if (now < hold.until || calledFor <= now) return hold;
  return { from: calledFor - HOLD_MS, until: calledFor, earlierUntil: hold.until };
}

/**
 * Until when a target that has failed since `badSince` is held. A target that failed during the whole hold
 * before is not held again: other apps that fail together again and again must not prevent its restart.
 */
function heldFor({ until, earlierUntil }: Hold, badSince: number): number {
  const wasHeld = badSince <= earlierUntil - HOLD_MS + TOGETHER_MS;
  return wasHeld ? Number.NEGATIVE_INFINITY : until;
}
