import { heldUntil } from '../verdict/correlation.ts';
import type { State } from '../verdict/state.ts';

/**
 * Until when the restarts of all workers are held, because many began to fail at once (DESIGN §4).
 * Every worker asks in every round, so it is reckoned once for all until a target changes its phase.
 */
export class SharedHold {
  readonly #states: () => readonly State[];
  #known: number | null = null;

  constructor(states: () => readonly State[]) {
    this.#states = states;
  }

  until(): number {
    this.#known ??= this.#reckon();
    return this.#known;
  }

  /** A target has come, gone or changed its phase. */
  forget(): void {
    this.#known = null;
  }

  #reckon(): number {
    const states = this.#states();
    const failing = states.filter(
      ({ phase }) => phase.name === 'failing' || phase.name === 'backoff',
    );
    return heldUntil(
      failing.map(({ since }) => since),
      states.length,
    );
  }
}
