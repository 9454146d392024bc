import { durationText } from '../text/duration-text.ts';

/** This many rounds begin in one turn of the event loop: about 2 ms of work, 5 ms on a slow machine. */
export const ROUNDS_A_TURN = 16;

/** A turn in which nobody waited counts as this long. */
const TURN_MS = 5;

/** A shorter wait does not matter. */
const LATE_MS = 250;

/** Long waits during all this time are more than a burst: there is more to probe than can be probed. */
const OVERLOAD_MS = 10_000;

/** The overload is over after this time without a long wait. */
const CALM_MS = 60_000;

/** One round that waits for its turn. */
interface Waiting {
  readonly since: number;
  readonly begin: () => void;
}

/**
 * Lets the rounds of all workers begin, a few in each turn of the event loop, first come first served.
 * After a stall thousands are due at once: to begin them all in one turn would cause the next stall.
 * Where there is more to probe than this machine can probe, all wait equally long here. So all are probed
 * less often by the same amount, and the event loop stays free to receive the answers in time.
 */
export class Gate {
  readonly #now: () => number;
  readonly #tell: (trouble: string | null) => void;
  #waiting: Waiting[] = [];
  /** The index of the next one in `#waiting`. */
  #next = 0;
  #turnAt = Number.NEGATIVE_INFINITY;
  #begun = 0;
  /** Since when the waits have been long without a break; null while they are short. */
  #lateSince: number | null = null;
  #lateAt = Number.NEGATIVE_INFINITY;
  #trouble: string | null = null;

  /** Calls `tell` when there is more to probe than can be probed, and with null when that is over. */
  constructor(now: () => number, tell: (trouble: string | null) => void = () => undefined) {
    this.#now = now;
    this.#tell = tell;
  }

  /** Null where a round may begin at once; else a promise that resolves when it may. */
  enter(): Promise<void> | null {
    const now = this.#now();
    if (this.#trouble !== null && now - this.#lateAt >= CALM_MS) this.#say(null);
    if (this.#waiting.length === 0 && this.#hasRoom(now)) return null;
    return new Promise((begin) => {
      if (this.#waiting.length === 0) setImmediate(() => this.#turn());
      this.#waiting.push({ since: now, begin });
    });
  }

  /** Says that there is more to probe than can be probed; null while all are probed in time. */
  get trouble(): string | null {
    return this.#trouble;
  }

  #hasRoom(now: number): boolean {
    if (now - this.#turnAt >= TURN_MS) {
      this.#turnAt = now;
      this.#begun = 0;
    }
    this.#begun += 1;
    return this.#begun <= ROUNDS_A_TURN;
  }

  #turn(): void {
    const now = this.#now();
    this.#judge(now - (this.#waiting[this.#next]?.since ?? now), now);
    const end = Math.min(this.#next + ROUNDS_A_TURN, this.#waiting.length);
    for (; this.#next < end; this.#next += 1) this.#waiting[this.#next]?.begin();
    if (this.#next < this.#waiting.length) {
      this.#forgetBegun();
      setImmediate(() => this.#turn());
      return;
    }
    [this.#waiting, this.#next] = [[], 0];
    // The rounds that have just begun belong to this turn.
    [this.#turnAt, this.#begun] = [now, ROUNDS_A_TURN];
  }

  /** Only now and then: to shift the array for each of thousands would be quadratic. */
  #forgetBegun(): void {
    if (this.#next < 1_024) return;
    this.#waiting = this.#waiting.slice(this.#next);
    this.#next = 0;
  }

  #judge(waitedMs: number, now: number): void {
    if (waitedMs < LATE_MS) {
      this.#lateSince = null;
      return;
    }
    this.#lateAt = now;
    this.#lateSince ??= now;
    if (this.#trouble !== null || now - this.#lateSince < OVERLOAD_MS) return;
    const late = durationText(waitedMs);
    this.#say(
      `more apps than this machine can probe in time: each is probed ${late} later than configured`,
    );
  }

  #say(trouble: string | null): void {
    this.#trouble = trouble;
    this.#tell(trouble);
  }
}
