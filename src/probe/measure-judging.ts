import type { ProbeContext } from './probe.ts';

/**
 * Does synchronous work on what a target answered, and notes how long that kept the event loop: a lag
 * that comes of it is laid to this target, and not to all.
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
