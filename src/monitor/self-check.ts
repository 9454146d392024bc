import { durationText } from '../text/duration-text.ts';
import type { Clock } from '../time/clock.ts';

/** How often the selfCheck looks at its own clock. */
const BEAT_MS = 500;

/** More lag of our own event loop than this, and samples measure us, not the target (DESIGN §7). */
const LAG_MS = 1_000;

/** Wall and monotonic clock this far apart since the last beat: suspend and resume, or a clock set. */
const DRIFT_MS = 2_000;

/** Why the checker is unfit. */
interface Unfit {
  readonly cause: 'lag' | 'clock' | 'pm2';
  /** For people to read. */
  readonly text: string;
}

/** Whose answer took long to judge since the last beat, and how long all such answers took. */
interface Blamed {
  readonly name: string;
  readonly longestMs: number;
  readonly totalMs: number;
}

const NOBODY: Blamed = { name: '', longestMs: 0, totalMs: 0 };

/**
 * Is the checker itself fit to judge? Asked before every verdict; costs two clock readings. It calls
 * nobody: each worker looks here in its own turn, because five thousand calls in one turn would be the next lag.
 */
export class SelfCheck {
  readonly #clock: Clock;
  readonly #listeners = new Set<(unfit: string | null) => void>();
  #beatAt: number;
  #wallAt: number;
  /** What the last beat found; it holds until the next one, because late answers come in between. */
  #found: Unfit | null = null;
  #told: Unfit | null = null;
  #pm2: Unfit | null = null;
  #timer: NodeJS.Timeout | null = null;
  #blamed = NOBODY;
  #spells = 0;
  #lastText = '';
  #soundSince = Number.NEGATIVE_INFINITY;

  constructor(clock: Clock) {
    this.#clock = clock;
    this.#beatAt = clock.now();
    this.#wallAt = clock.wall();
  }

  start(): void {
    this.#reset();
    this.#timer ??= setInterval(() => this.beat(), BEAT_MS);
  }

  stop(): void {
    if (this.#timer) clearInterval(this.#timer);
    this.#timer = null;
  }

  /** Hears of every change, at once; of a lag that only grows with the next beat. */
  onChange(listener: (unfit: string | null) => void): void {
    this.#listeners.add(listener);
  }

  /** Called by the monitor after every listing, with the reason why PM2 gave no list; null where it did. */
  onPm2Answer(reason: string | null): void {
    this.#pm2 = reason === null ? null : { cause: 'pm2', text: `PM2 does not answer (${reason})` };
    this.check();
  }

  /**
   * Judging an answer of `name` kept the event loop for `ms`. A lag that comes of that is that target's
   * own: what was being asked meanwhile is not judged, and nobody has to settle for it.
   */
  blame(name: string, ms: number): void {
    const { longestMs, totalMs } = this.#blamed;
    const worst = ms > longestMs ? { name, longestMs: ms } : this.#blamed;
    this.#blamed = { name: worst.name, longestMs: worst.longestMs, totalMs: totalMs + ms };
  }

  /** Why the checker is unfit, or null. */
  check(): string | null {
    const unfit = this.#unfit();
    // By its cause and not by its text: every worker asks here, so that a number of its own for each
    // question would be a lag of its own making.
    if (unfit?.cause !== this.#told?.cause) this.#tell(unfit);
    return this.#told?.text ?? null;
  }

  /** How many spells of unfitness there were, the present one included, and what the last one was. */
  get spells(): { readonly count: number; readonly text: string } {
    return { count: this.#spells, text: this.#lastText };
  }

  /** A target that was probed before this may have answered while we did not listen. */
  get soundSince(): number {
    return this.#soundSince;
  }

  /** One look at the clocks; called by its own timer. */
  beat(): void {
    this.#found = this.#assess();
    this.#reset();
    const unfit = this.#unfit();
    // Twice a second at most, so that the listeners get the new number as well.
    if (unfit?.text !== this.#told?.text) this.#tell(unfit);
  }

  #unfit(): Unfit | null {
    return this.#assess() ?? this.#found;
  }

  #tell(unfit: Unfit | null): void {
    if (unfit !== null) {
      if (this.#told === null) this.#spells += 1;
      this.#lastText = unfit.text;
    }
    this.#told = unfit;
    for (const listener of this.#listeners) listener(unfit?.text ?? null);
  }

  #assess(): Unfit | null {
    const now = this.#clock.now();
    const gap = now - this.#beatAt;
    const drift = this.#clock.wall() - this.#wallAt - gap;
    if (gap - BEAT_MS > LAG_MS) {
      this.#soundSince = now;
      const unfit = this.#lagOf(gap - BEAT_MS);
      if (unfit !== null) return unfit;
    }
    if (Math.abs(drift) > DRIFT_MS) {
      return { cause: 'clock', text: `the clock jumped by ${Math.round(drift)} ms` };
    }
    return this.#pm2;
  }

  /** Null where one target's answer explains it. */
  #lagOf(lagMs: number): Unfit | null {
    const { name, longestMs, totalMs } = this.#blamed;
    if (lagMs - totalMs <= LAG_MS) return null;
    const part = totalMs === 0 ? '' : `, ${judgingText(name, longestMs)} of it`;
    const text = `the monitor itself was held up for ${Math.round(lagMs)} ms${part}`;
    return { cause: 'lag', text };
  }

  #reset(): void {
    this.#beatAt = this.#clock.now();
    this.#wallAt = this.#clock.wall();
    this.#blamed = NOBODY;
  }
}

/** That an answer took long to judge, for a person. */
export function judgingText(name: string, ms: number): string {
  return `judging the answer of ${name} took ${durationText(ms)}`;
}
