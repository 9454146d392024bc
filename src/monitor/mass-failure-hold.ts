import { heldFor, heldUntil, holdAt, NO_HOLD, type Hold } from '../verdict/correlation.ts';
import type { State } from '../verdict/state.ts';

/** That the time to start is over tells nobody: with apps that start it is looked again so soon. */
const LOOK_MS = 250;

/** A millisecond's rest for so many targets: below that many there is none. */
const TARGETS_A_MS = 100;

/**
 * Until when the restarts of all workers are held, because many began to fail at once (DESIGN §4).
 * Every worker asks in every round, so it is reckoned once for all until a target changes its phase.
 */
export class MassFailureHold {
  readonly #states: () => readonly State[];
  readonly #now: () => number;
  #hold: Hold = NO_HOLD;
  #staleAt = Number.NEGATIVE_INFINITY;
  /** Before this it is not reckoned anew: over thousands that change together that would be quadratic. */
  #restsUntil = Number.NEGATIVE_INFINITY;

  constructor(states: () => readonly State[], now: () => number) {
    this.#states = states;
    this.#now = now;
  }

  /** Until when a target in this state is held; in the past where it is not. */
  untilFor({ incident, since, phase }: State): number {
    const now = this.#now();
    if (now >= this.#staleAt) this.#reckon(now);
    const isBad = phase.name === 'failing' || phase.name === 'backoff' || phase.name === 'starting';
    // An app that flaps was well in between, however long ago its incident began.
    const isLasting = incident !== null && incident.cause !== 'flapping';
    return heldFor(this.#hold, isLasting ? incident.openedAt : isBad ? since : now);
  }

  /** A target has come, gone or changed its phase. */
  forget(): void {
    this.#staleAt = Math.min(this.#staleAt, this.#restsUntil);
  }

  #reckon(now: number): void {
    const states = this.#states();
    const began = states.flatMap((state) => failingSince(state, now) ?? []);
    // What nobody asks cannot begin to fail: half of those that run is half.
    const asked = states.filter(({ phase }) => phase.name !== 'paused').length;
    this.#hold = holdAt(this.#hold, heldUntil(began, asked), now);
    const isStarting = states.some(({ phase }) => phase.name === 'starting');
    this.#restsUntil = now + Math.floor(states.length / TARGETS_A_MS);
    this.#staleAt = isStarting ? now + LOOK_MS : Number.POSITIVE_INFINITY;
  }
}

/** Since when a target fails in a way that leads to a restart; null where it does not. */
function failingSince({ phase, since }: State, now: number): number | null {
  if (phase.name === 'failing' || phase.name === 'backoff') return since;
  const isLate = phase.name === 'starting' && phase.failure !== null && now >= phase.deadline;
  return isLate ? phase.deadline : null;
}
