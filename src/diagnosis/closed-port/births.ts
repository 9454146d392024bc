import type { ProcessFacts } from '../../os/os-reader.ts';
import type { Tree } from '../cpu-load.ts';

/** Linux shows a start up to a second too early (os-reader). */
const SLACK_MS = 1_000;

/** A process and the monotonic time at which it started, up to a second too early. */
export interface Birth {
  readonly pid: number;
  readonly at: number;
}

/** The same instant on both clocks, in milliseconds. */
export interface Now {
  readonly mono: number;
  readonly wall: number;
}

/**
 * The first process of an app that started after `since` (monotonic) and still runs; null where there
 * is none. PM2's own processes (the roots) do not count, and neither does `holder`, which is known to
 * have listened before.
 */
export function firstBirth(
  trees: readonly Tree[],
  { since, holder }: { readonly since: number; readonly holder: number | null },
  now: Now,
): Birth | null {
  const young = trees
    .flatMap((tree) => tree.slice(1))
    .filter(({ pid, state }) => state !== 'zombie' && pid !== holder)
    .map((process) => ({ pid: process.pid, at: bornAt(process, now) }))
    .filter(({ at }) => at > since - SLACK_MS);
  return young.toSorted((one, other) => one.at - other.at)[0] ?? null;
}

/** By its age, so that a move of the wall clock between start and look changes nothing. */
function bornAt({ startedAtMs }: ProcessFacts, { mono, wall }: Now): number {
  return mono - Math.max(0, wall - startedAtMs);
}

/** True where the process that PM2 started is gone, or a zombie that PM2 has not collected yet. */
export function hasEnded([root]: Tree): boolean {
  return root === undefined || root.state === 'zombie';
}
