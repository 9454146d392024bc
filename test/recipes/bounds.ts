import type { TargetConfig } from '../../src/config/target-config.ts';

/** What kind of fault it is: no answer while idle, no answer while it burns CPU, a wrong answer. */
export type Fault = 'hang' | 'busy hang' | 'wrong answers';

/** PM2 gives what does not end by itself this long. */
const KILL_MS = 1_600;
/** Both cores may be busy with another recipe, and some apps compile themselves at each start. */
const SPARE_MS = 10_000;

/** The longest that a fault may last, as the README computes it from the settings and a cold start. */
export function boundMs(fault: Fault, { schedule, policy }: TargetConfig, startMs: number): number {
  const { periodMs, fastPeriodMs, timeoutMs } = schedule;
  const { failureThreshold, busyGraceMs } = policy;
  const unanswered = failureThreshold * Math.max(timeoutMs, 1.1 * fastPeriodMs);
  const sure = {
    hang: unanswered,
    // The grace begins with the first missing answer, and is checked at the next one.
    'busy hang': Math.max(unanswered, busyGraceMs + 2 * timeoutMs),
    'wrong answers': (failureThreshold - 1) * 1.1 * fastPeriodMs,
  }[fault];
  return 1.1 * periodMs + sure + KILL_MS + startMs + SPARE_MS;
}
