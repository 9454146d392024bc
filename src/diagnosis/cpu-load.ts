import { busyShare } from './busy-share.ts';
import type { ProcessFacts } from '../os/os-reader.ts';
import { usageOf } from '../os/tree.ts';
import type { Load } from '../verdict/event.ts';

/** A tree that used more than this of one core while it did not answer is busy, not hung. */
const BUSY_SHARE = 0.5;

/** And one that used so much and is on a processor, or waits for one, at both looks is starved. */
const STARVED_SHARE = 0.02;

/** One of PM2's processes with all that descends from it, the root first. */
export type Tree = readonly ProcessFacts[];

/**
 * What the trees of an app did between two looks, `elapsedMs` apart. It is busy as soon as one tree
 * is: whoever works may answer soon, and is given time for that; it is idle when none is known to be.
 */
export function loadOf(earlier: readonly Tree[], later: readonly Tree[], elapsedMs: number): Load {
  const loads = later.map((tree) => loadOfTree(earlierOf(tree, earlier), tree, elapsedMs));
  if (loads.includes('busy')) return 'busy';
  return loads.includes('idle') ? 'idle' : 'unknown';
}

function loadOfTree(earlier: Tree, tree: Tree, elapsedMs: number): Load {
  const share = busyShare(earlier, tree, elapsedMs);
  if (share === null) return 'unknown';
  // On an overloaded machine an app that would burn a whole core gets little of one.
  const isStarved = share >= STARVED_SHARE && isRunning(earlier) && isRunning(tree);
  const isBusy = (share >= BUSY_SHARE || isStarved) && !usageOf(tree).isStopped;
  return isBusy ? 'busy' : 'idle';
}

/** The same tree at the earlier look; of one that came since, all it has used counts. */
function earlierOf(tree: Tree, earlier: readonly Tree[]): Tree {
  return earlier.find(([root]) => root?.pid === tree[0]?.pid) ?? earlier.flat();
}

function isRunning(tree: Tree): boolean {
  return tree.some(({ state }) => state === 'running');
}
