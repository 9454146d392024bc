import { durationText } from '../text/duration-text.ts';
import type { Clock } from '../time/clock.ts';

/** How often the self-check compares the clocks. */
const BEAT_MS = 500;

/** With more lag of our own event loop than this, samples measure us and not the target (DESIGN §7). */
const LAG_MS = 1_000;

/**
 * Wall clock and monotonic clock differ by this much since the last beat: the machine was suspended, or a
 * clock was set.
 */
const DRIFT_MS = 2_000;

/** A round takes two seconds, and longer with thousands of apps on a busy machine. */
const ROUND_MS = 60_000;

/** After this time without a lag, the next one is no part of a series. */
const CALM_MS = 60_000;

/** A series of lags this long is how this machine is: it no longer postpones restarts. */
const SERIES_MS = 5 * 60_000;

/** A series this long may be of lags so close that each probe meets one: then those count too. */
const LONG_SERIES_MS = 15 * 60_000;

/** Why the monitor is unfit. */
interface Unfit {
  readonly cause: 'lag' | 'clock' | 'pm2';
  /** For people. */
  readonly text: string;
}

/** The answer that took longest to judge since the last beat, and the time of all such answers. */
interface Blamed {
  readonly name: string;
  readonly longestMs: number;
  readonly totalMs: number;
}

const NOBODY: Blamed = { name: '', longestMs: 0, totalMs: 0 };

/**
 * Checks whether the monitor itself is fit to judge, before every verdict; that costs two clock readings.
 * Workers are not called: each looks here in its own turn, because five thousand calls in one turn would
 * cause the next lag.
 */
export class SelfCheck {
  readonly #clock: Clock;
  readonly #listeners = new Set<(unfit: string | null) => void>();
  #beatAt: number;
  #wallAt: number;
  /** What the last beat found. It holds until the next beat, because late answers come in between. */
  #found: Unfit | null = null;
  #told: Unfit | null = null;
  #pm2: Unfit | null = null;
  #pm2AnsweredAt: number | null = null;
  #roundEndedAt: number | null = null;
  #timer: NodeJS.Timeout | null = null;
  #blamed = NOBODY;
  #spells = 0;
  #lastText = '';
  #soundSince = Number.NEGATIVE_INFINITY;
  /** The last unexplained lag, and the first of the series that it belongs to. */
  #lagAt = Number.NEGATIVE_INFINITY;
  #seriesAt = Number.NEGATIVE_INFINITY;

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

  /** Calls `listener` at each change; while a lag only grows, at the next beat. */
  onChange(listener: (unfit: string | null) => void): void {
    this.#listeners.add(listener);
  }

  /** To be called after every reading of PM2's list, with the reason why PM2 gave none, or null. */
  onPm2Answer(reason: string | null): void {
    this.#pm2 = reason === null ? null : { cause: 'pm2', text: `PM2 does not answer (${reason})` };
    if (reason === null) this.#pm2AnsweredAt = this.#clock.now();
    this.check();
  }

  /** To be called at the end of a whole round: PM2's list was read, and every target was checked. */
  onRoundEnd(): void {
    this.#roundEndedAt = this.#clock.now();
  }

  /** Why there was no whole round in the last minute; null where there was one. */
  roundTrouble(): string | null {
    const at = this.#roundEndedAt;
    if (at === null) return "PM2's list of apps has not been read yet";
    const ms = this.#clock.now() - at;
    return ms <= ROUND_MS ? null : `the apps were not checked for ${durationText(ms)}`;
  }

  /** True once all apps of a list of PM2 were taken up. */
  get hasEndedRound(): boolean {
    return this.#roundEndedAt !== null;
  }

  /** When PM2's list was read last, monotonic milliseconds; null before the first time. */
  get pm2AnsweredAt(): number | null {
    return this.#pm2AnsweredAt;
  }

  /**
   * Notes that judging an answer of `name` blocked the event loop for `ms`. A lag from this concerns that
   * target: probes that were in flight are not judged, but the other targets need no time to settle.
   */
  blame(name: string, ms: number): void {
    const { longestMs, totalMs } = this.#blamed;
    const worst = ms > longestMs ? { name, longestMs: ms } : this.#blamed;
    this.#blamed = { name: worst.name, longestMs: worst.longestMs, totalMs: totalMs + ms };
  }

  /** Why the monitor is unfit; null while it is fit. */
  check(): string | null {
    const unfit = this.#unfit();
    // Compared by cause, not by text: every worker asks here, and a new number in the text for each of
    // them would cause a lag by itself.
    if (unfit?.cause !== this.#told?.cause) this.#tell(unfit);
    return this.#told?.text ?? null;
  }

  /** How many spells of unfitness there were, the present one included, and the text of the last one. */
  get spells(): { readonly count: number; readonly text: string } {
    return { count: this.#spells, text: this.#lastText };
  }

  /** The end of the last lag: an answer to an earlier probe may have come while we could not receive it. */
  get soundSince(): number {
    return this.#soundSince;
  }

  /** Compares the clocks; called by its own timer. */
  beat(): void {
    this.#found = this.#assess();
    this.#reset();
    const unfit = this.#unfit();
    // By text here, twice a second at most, so that the listeners get the new number.
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
      const unfit = this.#lagOf(gap - BEAT_MS);
      const seriesMs = unfit === null ? 0 : this.#seriesMs(now);
      if (seriesMs < LONG_SERIES_MS) this.#soundSince = now;
      if (unfit !== null && seriesMs < SERIES_MS) return unfit;
    }
    if (Math.abs(drift) > DRIFT_MS) {
      return { cause: 'clock', text: `the clock jumped by ${Math.round(drift)} ms` };
    }
    return this.#pm2;
  }

  /** How long lags have come again and again, with this one. */
  #seriesMs(now: number): number {
    if (now - this.#lagAt > CALM_MS) this.#seriesAt = now;
    this.#lagAt = now;
    return now - this.#seriesAt;
  }

  /** Null where the judging of answers explains the lag. */
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

/** Says for people that an answer took long to judge. */
export function judgingText(name: string, ms: number): string {
  return `judging the answer of ${name} took ${durationText(ms)}`;
}
