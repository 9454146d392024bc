import type { Schedule } from '../config/target-config.ts';
import { paceOf } from '../verdict/pace.ts';
import type { State } from '../verdict/state.ts';

/** How often an idle loop looks whether time alone has changed something. */
const IDLE_MS = 1_000;

/** The spread of the period, so that many targets are not asked in one burst. */
const JITTER = 0.1;

/**
 * How long after the start of one round the next begins, ±10 %; an answer that took longer is followed
 * by the next question at once. `drawn` is a number in [0, 1).
 */
export function intervalOf(
  { periodMs, fastPeriodMs, startupPeriodMs }: Schedule,
  state: State,
  drawn: number,
): number {
  const periods = {
    normal: periodMs,
    fast: fastPeriodMs,
    startup: startupPeriodMs,
    idle: IDLE_MS,
  };
  return periods[paceOf(state)] * (1 + JITTER * (2 * drawn - 1));
}
