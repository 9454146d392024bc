// What no monitor with the same settings could do better: it must have asked often enough to be sure.
import { readBlock } from '../src/config/target-config.ts';
import type { LivenessBlock } from '../src/index.ts';

/** The settings that a detection takes its time from. */
export interface Timing {
  readonly periodMs: number;
  readonly fastPeriodMs: number;
  readonly timeoutMs: number;
  readonly failureThreshold: number;
}

/** The settings of a block, whatever it probes. */
export function timingOf(block: Partial<LivenessBlock>): Timing {
  const result = readBlock({ tcp: '127.0.0.1:1', ...block }, {});
  if (!result.ok) throw new Error(result.problems.map(({ message }) => message).join('; '));
  return { ...result.config.schedule, ...result.config.policy };
}

/** From a fault to the verdict, over all moments at which it may come. */
export interface Window {
  readonly leastMs: number;
  readonly meanMs: number;
  readonly mostMs: number;
}

/** Each period is between 0.9 and 1.1 of itself, by chance. */
const JITTER = 0.1;

/** `hang`: each probe takes its timeout. `wrong`: each is answered at once. */
export function windowOf(fault: 'hang' | 'wrong', timing: Timing): Window {
  const { periodMs, fastPeriodMs, timeoutMs, failureThreshold } = timing;
  const more = failureThreshold - 1;
  const lastMs = fault === 'hang' ? timeoutMs : 0;
  /** From the start of a bad probe to the start of the next, the period's jitter being `factor`. */
  const step = (factor: number): number => Math.max(fastPeriodMs * factor, lastMs);
  // A moment of chance falls into a long gap more often than into a short one.
  const untilNextMs = (periodMs / 2) * (1 + JITTER ** 2 / 3);
  return {
    leastMs: more * step(1 - JITTER) + lastMs,
    meanMs: untilNextMs + more * meanStep(step) + lastMs,
    mostMs: periodMs * (1 + JITTER) + more * step(1 + JITTER) + lastMs,
  };
}

/** The mean over the jitter, which is even. */
function meanStep(step: (factor: number) => number): number {
  const factors = Array.from({ length: 101 }, (_, index) => 1 - JITTER + (index / 50) * JITTER);
  return factors.reduce((sum, factor) => sum + step(factor), 0) / factors.length;
}
