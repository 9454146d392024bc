import type { Clock } from '../time/clock.ts';

/** How often the guard looks at its own clock. */
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

/** Is the checker itself fit to judge? Asked before every verdict; costs two clock readings. */
export class Guard {
  readonly #clock: Clock;
  readonly #listeners = new Set<(unfit: string | null) => void>();
  #beatAt: number;
  #wallAt: number;
  /** What the last beat found; it holds until the next one, for late answers come in between. */
  #found: Unfit | null = null;
  #told: Unfit | null = null;
  #isPm2Answering = true;
  #timer: NodeJS.Timeout | null = null;

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

  /** Told by the monitor after every listing. */
  pm2Answers(isAnswering: boolean): void {
    this.#isPm2Answering = isAnswering;
    this.check();
  }

  /** Why the checker is unfit, or null. */
  check(): string | null {
    const unfit = this.#unfit();
    // By its cause and not by its text: every worker asks here and every worker hears of a change, so
    // that a number of its own for each question would be a lag of its own making.
    if (unfit?.cause !== this.#told?.cause) this.#tell(unfit);
    return this.#told?.text ?? null;
  }

  /** One look at the clocks; called by its own timer. */
  beat(): void {
    this.#found = this.#assess();
    this.#reset();
    const unfit = this.#unfit();
    // Twice a second at most, so that the number is told as well.
    if (unfit?.text !== this.#told?.text) this.#tell(unfit);
  }

  #unfit(): Unfit | null {
    return this.#assess() ?? this.#found;
  }

  #tell(unfit: Unfit | null): void {
    this.#told = unfit;
    for (const listener of this.#listeners) listener(unfit?.text ?? null);
  }

  #assess(): Unfit | null {
    const gap = this.#clock.now() - this.#beatAt;
    const drift = this.#clock.wall() - this.#wallAt - gap;
    if (gap - BEAT_MS > LAG_MS) {
      const text = `the monitor itself was held up for ${Math.round(gap - BEAT_MS)} ms`;
      return { cause: 'lag', text };
    }
    if (Math.abs(drift) > DRIFT_MS) {
      return { cause: 'clock', text: `the clock jumped by ${Math.round(drift)} ms` };
    }
    return this.#isPm2Answering ? null : { cause: 'pm2', text: 'PM2 does not answer' };
  }

  #reset(): void {
    this.#beatAt = this.#clock.now();
    this.#wallAt = this.#clock.wall();
  }
}
