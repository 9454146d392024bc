import type { Clock } from '../../time/clock.ts';

/** A wall clock that falls back by more than this was set. */
const STEP_MS = 1_000;

/** Notices by how much the wall clock was set back. */
export class SetBack {
  readonly #clock: Clock;
  /** Wall clock minus monotonic clock, when they were last compared. */
  #offset: number;
  #aheadMs = 0;

  constructor(clock: Clock) {
    this.#clock = clock;
    this.#offset = clock.wall() - clock.now();
  }

  /** Milliseconds since the last call; 0 where it was not set back. */
  take(): number {
    const offset = this.#clock.wall() - this.#clock.now();
    const stepMs = this.#offset - offset;
    if (stepMs > 0 && stepMs <= STEP_MS) return 0;
    this.#offset = offset;
    if (stepMs < -STEP_MS) this.#aheadMs -= stepMs;
    return Math.max(0, stepMs);
  }

  /** By how much the clock was set forward so far, in milliseconds: no message has aged by it. */
  get aheadMs(): number {
    return this.#aheadMs;
  }
}
