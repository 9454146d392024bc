import { heldFor, heldUntil, holdAt, NO_HOLD, type Hold } from '../verdict/correlation.ts';
import type { Verdict } from '../verdict/state.ts';

/** That the time to start is over tells nobody: with apps that start it is looked again so soon. */
const LOOK_MS = 250;

/** A millisecond's rest for so many targets: below that many there is none. */
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
  /** Before this it is not reckoned anew: over thousands that change together that would be quadratic. */
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
