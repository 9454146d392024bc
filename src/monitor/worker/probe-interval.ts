import type { Schedule } from '../../config/target-config.ts';
import { paceOf } from '../../verdict/pace.ts';
import type { Verdict } from '../../verdict/state.ts';
import type { JudgingTime } from './judging-time.ts';

/** How often an idle loop looks whether time alone has changed something. */
const IDLE_MS = 1_000;

/** The spread of the period, so that many targets are not asked in one burst. */
const JITTER = 0.1;

/** When the rounds of one target begin, and whether one is more than a look. */
export class ProbeInterval {
  readonly #random: () => number;
  readonly #judging: JudgingTime;
  #wasAway = false;
  #isBack = false;

  constructor(random: () => number, judging: JudgingTime) {
    this.#random = random;
    this.#judging = judging;
  }

  /**
   * False where this round is none: all that were not asked while the checker was unfit see its end at
   * the same time, and part again before they ask.
   */
  begins(verdict: Verdict): boolean {
    const isIdle = paceOf(verdict) === 'idle';
    this.#isBack = this.#wasAway && !isIdle;
    this.#wasAway = isIdle && verdict.state.name === 'unknown';
    return !this.#isBack;
  }

  /** How long after the start of the round that is over the next begins. */
  intervalMs(schedule: Schedule, verdict: Verdict): number {
    const ms = intervalOf(schedule, verdict, this.#random());
    return this.#isBack ? ms * this.#random() : Math.max(ms, this.#judging.takeRestMs());
  }
}

/**
 * How long after the start of one round the next begins, ±10 %; an answer that took longer is followed
 * by the next question at once. `drawn` is a number in [0, 1).
 */
export function intervalOf(
  { periodMs, fastPeriodMs, startupPeriodMs }: Schedule,
  verdict: Verdict,
  drawn: number,
): number {
  const periods = {
    normal: periodMs,
    fast: fastPeriodMs,
    startup: startupPeriodMs,
    idle: IDLE_MS,
  };
  return periods[paceOf(verdict)] * (1 + JITTER * (2 * drawn - 1));
}
