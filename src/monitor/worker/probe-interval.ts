import type { Schedule } from '../../config/target-config.ts';
import { isRunning } from '../../verdict/process.ts';
import { isBlind } from '../../verdict/state.ts';
import type { Verdict } from '../../verdict/verdict.ts';
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

/** How often a target is asked: `idle` is not at all. */
export type Pace = 'startup' | 'normal' | 'fast' | 'idle';

/** The pace that the present state calls for (DESIGN §2). */
export function paceOf(verdict: Verdict): Pace {
  const { state, process } = verdict;
  if (!isRunning(process.status)) return 'idle';
  switch (state.name) {
    case 'starting':
      return 'startup';
    case 'halfOpen':
      return state.trial.stage === 'starting' ? 'startup' : 'idle';
    case 'failing':
    case 'backoff':
      return 'fast';
    case 'healthy':
    case 'degraded':
      return 'normal';
    case 'open':
      return 'normal';
    case 'unknown':
      // The answer to a check that does not work is not to make more of them.
      if (isBlind(state)) return 'normal';
      // While the checker settles all are asked on, and only not judged: to come back together from
      // a rest would be the next lag.
      return Number.isFinite(state.settled) &&
        paceOf({ ...verdict, state: state.resume }) !== 'idle'
        ? 'normal'
        : 'idle';
    case 'restarting':
    case 'paused':
      return 'idle';
  }
}
