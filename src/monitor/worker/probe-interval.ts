import type { Schedule } from '../../config/target-config.ts';
import { isDependencyDown } from '../../verdict/dependency/dependency.ts';
import type { Event } from '../../verdict/event.ts';
import { isRunning } from '../../verdict/process.ts';
import { isBlind } from '../../verdict/state.ts';
import type { Verdict } from '../../verdict/verdict.ts';
import type { JudgingTime } from './judging-time.ts';

/** How often an idle loop checks what time alone has changed. */
const IDLE_MS = 1_000;

/** The spread of the period, so that many targets are not probed in one burst. */
const JITTER = 0.1;

/** Decides when the rounds of one target begin, and whether a round does anything. */
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
   * False where this round is skipped: all targets that were not probed while the monitor was unfit see
   * the end of it at the same time, and must spread again before they probe.
   */
  begins(verdict: Verdict): boolean {
    const isIdle = paceOf(verdict) === 'idle';
    this.#isBack = this.#wasAway && !isIdle;
    this.#wasAway = isIdle && verdict.state.name === 'unknown';
    return !this.#isBack;
  }

  /** The time from the start of the last round to the start of the next. */
  intervalMs(schedule: Schedule, verdict: Verdict): number {
    const ms = intervalOf(schedule, verdict, this.#random());
    return this.#isBack ? ms * this.#random() : Math.max(ms, this.#judging.takeRestMs());
  }
}

/**
 * The time from the start of one round to the start of the next, ±10 %. After an answer that took longer
 * than that, the next probe begins at once. `drawn` is a random number in [0, 1).
 */
function intervalOf(
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

/**
 * Whether the next round does not wait its time: it has another pace now, what the app depends on is back, or
 * what may have kept the app down has changed.
 * An event of the round itself calls for no other.
 */
export function isDueSooner(before: Verdict, after: Verdict, { type }: Event): boolean {
  if (type === 'sample' || type === 'tick' || type === 'fitness') return false;
  if (type === 'saved') return true;
  const isReleased = isDependencyDown(before) && !isDependencyDown(after);
  return isReleased || paceOf(after) !== paceOf(before);
}

/** How often a target is probed; `idle`: not at all. */
type Pace = 'startup' | 'normal' | 'fast' | 'idle';

/** The pace for the present state (DESIGN §2). */
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
      // A check that does not work must not run more often.
      if (isBlind(state)) return 'normal';
      // While the monitor settles, all targets are probed but not judged: if all paused and began again
      // together, the next lag would follow.
      return Number.isFinite(state.settled) &&
        paceOf({ ...verdict, state: state.resume }) !== 'idle'
        ? 'normal'
        : 'idle';
    case 'restarting':
    case 'paused':
      return 'idle';
  }
}
