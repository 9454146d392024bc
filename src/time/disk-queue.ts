import type { Clock } from './clock.ts';
import { withPatientTimeout } from './deadline.ts';

/** How long the disk may take for one operation. */
const LIMIT_MS = 2_000;

const LATE = Symbol('late');

/** The disk hangs: what is asked of it next would wait as well. */
export class DiskTimeout extends Error {
  constructor(limitMs: number) {
    super(`the disk did not answer within ${limitMs} ms`);
  }
}

/** An operation that has taken too long and still runs. */
interface Hanging {
  readonly over: Promise<void>;
  /** Until then the next operation waits for it, because a disk may be slow once. */
  readonly awaitedUntil: number;
}

/**
 * Runs disk operations one after the other, each with a deadline. Node cannot cancel a call to a hanging
 * disk, and each call holds one of the four threads that DNS look-ups and all other files also use. So no
 * operation begins while one hangs, and such a disk blocks only one thread.
 */
export class DiskQueue {
  readonly #clock: Clock;
  readonly #limitMs: number;
  #last: Promise<void> = Promise.resolve();
  #hanging: Hanging | null = null;

  constructor(clock: Clock, limitMs = LIMIT_MS) {
    this.#clock = clock;
    this.#limitMs = limitMs;
  }

  /**
   * Resolves or rejects as the operation does. Rejects with a `DiskTimeout` where it takes too long, and soon or
   * at once while an earlier one hangs. An operation should run one call at a time. A late result goes to `whenLate`.
   */
  run<Value>(
    operation: () => Promise<Value>,
    whenLate: (value: Value) => void = () => undefined,
  ): Promise<Value> {
    const outcome = this.#last.then(async () => {
      if (this.#hanging) await this.#answered(this.#hanging);
      return this.#inTime(operation(), whenLate);
    });
    this.#last = outcome.then(
      () => undefined,
      () => undefined,
    );
    return outcome;
  }

  /** Resolves when the hanging operation is over; rejects where that takes too long. */
  async #answered({ over, awaitedUntil }: Hanging): Promise<void> {
    const leftMs = awaitedUntil - this.#clock.now();
    if (leftMs <= 0 || (await this.#race(over, leftMs)) === LATE)
      throw new DiskTimeout(this.#limitMs);
  }

  async #inTime<Value>(running: Promise<Value>, whenLate: (value: Value) => void): Promise<Value> {
    const first = await this.#race(running, this.#limitMs);
    if (first !== LATE) return first;
    const answered = (): void => {
      this.#hanging = null;
    };
    const over = running.then(whenLate).then(answered, answered);
    this.#hanging = { over, awaitedUntil: this.#clock.now() + this.#limitMs };
    throw new DiskTimeout(this.#limitMs);
  }

  #race<Value>(running: Promise<Value>, ms: number): Promise<Value | typeof LATE> {
    return withPatientTimeout<Value, typeof LATE>(running, ms, LATE, this.#clock);
  }
}
