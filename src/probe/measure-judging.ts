import type { ProbeContext } from './probe.ts';

/**
 * Does synchronous work on a target's answer, and notes how long it blocked the event loop: a lag from this
 * concerns this target, and not all targets.
 */
export function measureJudging<Result>(
  { now, noteJudging }: Pick<ProbeContext, 'now' | 'noteJudging'>,
  work: () => Result,
): Result {
  if (noteJudging === undefined) return work();
  const beganAt = now();
  try {
    return work();
  } finally {
    noteJudging(now() - beganAt);
  }
}
