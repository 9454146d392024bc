// The best that any monitor with the same settings could do: it must have probed often enough to be sure.
import { readBlock } from '../src/config/target-config.ts';
import { STOPPED_MS } from '../src/diagnosis/stop-watch.ts';
import type { LivenessBlock } from '../src/index.ts';

/** The settings that determine the time of a detection. */
export interface Timing {
  readonly periodMs: number;
  readonly fastPeriodMs: number;
  readonly timeoutMs: number;
  readonly failureThreshold: number;
}

/** The settings of a block with any probe. */
export function timingOf(block: Partial<LivenessBlock>): Timing {
  const result = readBlock({ tcp: '127.0.0.1:1', ...block }, {});
  if (!result.ok) throw new Error(result.problems.map(({ message }) => message).join('; '));
  return { ...result.config.schedule, ...result.config.policy };
}

/** The time from a fault to the verdict, over all times at which the fault may come. */
interface Window {
  readonly leastMs: number;
  readonly meanMs: number;
  readonly mostMs: number;
}

/** An answer is late after this time, or a quarter of its timeout (src/probe/runner.ts). */
const LATE_MS = 500;

/** Each period is multiplied by a random factor from 0.9 to 1.1. */
const JITTER = 0.1;

/**
 * `hang`: each probe takes its timeout, and after the first those that confirm it begin `fastPeriod` apart.
 * `wrong`: each gets a wrong answer at once. `stopped`: a probe whose answer is late begins the proof that a signal has
 * stopped the process, and no other probe is needed.
 */
export function windowOf(fault: 'hang' | 'wrong' | 'stopped', timing: Timing): Window {
  const { periodMs, fastPeriodMs, timeoutMs, failureThreshold } = timing;
  const more = failureThreshold - 1;
  const lastMs = fault === 'hang' ? timeoutMs : 0;
  /** The time from the start of a bad probe to the start of the next; `factor` is the period's jitter. */
  const step = (factor: number): number => Math.max(fastPeriodMs * factor, lastMs);
  /** The same after a probe that confirms a timeout: where it takes longer, the next one overlaps it. */
  const next = (factor: number): number => (lastMs > fastPeriodMs ? fastPeriodMs : step(factor));
  const steps = (factor: number): number =>
    more === 0 ? 0 : step(factor) + (more - 1) * next(factor);
  // A random time is more often in a long gap than in a short one.
  const untilNextMs = (periodMs / 2) * (1 + JITTER ** 2 / 3);
  if (fault === 'stopped') {
    const proofMs = Math.min(LATE_MS, timeoutMs / 4) + STOPPED_MS;
    return {
      leastMs: proofMs,
      meanMs: untilNextMs + proofMs,
      mostMs: periodMs * (1 + JITTER) + proofMs,
    };
  }
  return {
    leastMs: steps(1 - JITTER) + lastMs,
    meanMs: untilNextMs + meanStep(steps) + lastMs,
    mostMs: periodMs * (1 + JITTER) + steps(1 + JITTER) + lastMs,
  };
}

/** The mean over the jitter, which is even. */
function meanStep(step: (factor: number) => number): number {
  const factors = Array.from({ length: 101 }, (_, index) => 1 - JITTER + (index / 50) * JITTER);
  return factors.reduce((sum, factor) => sum + step(factor), 0) / factors.length;
}
