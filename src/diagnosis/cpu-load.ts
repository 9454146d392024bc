import type { ProcessFacts } from '../os/os-reader.ts';
import { usageOf } from '../os/tree.ts';
import type { Load } from '../verdict/event.ts';

/** A process tree that used more than this share of one core while it did not answer is busy, not hung. */
const BUSY_SHARE = 0.5;

/**
 * A tree that used at least this share, and was on a processor or waited for one at both looks, is starved. So is
 * one whose threads together used or waited for as much as a busy one.
 */
const STARVED_SHARE = 0.02;

/** One of PM2's processes with all its descendants, the root first. */
export type Tree = readonly ProcessFacts[];

/**
 * The load of an app's process trees between two looks, `elapsedMs` apart. The app is busy where one tree
 * is busy: it may answer soon, and gets time for that. It is idle where no tree is known to be busy, and where
 * the process that listens (`holderPid`, null where not known) is stopped: what works beside it answers nobody.
 */
export function loadOf(
  earlier: readonly Tree[],
  later: readonly Tree[],
  elapsedMs: number,
  holderPid: number | null = null,
): Load {
  if (isStoppedIn(earlier, holderPid) && isStoppedIn(later, holderPid)) return 'idle';
  const loads = later.map((tree) => loadOfTree(earlierOf(tree, earlier), tree, elapsedMs));
  if (loads.includes('busy')) return 'busy';
  return loads.includes('idle') ? 'idle' : 'unknown';
}

function loadOfTree(earlier: Tree, tree: Tree, elapsedMs: number): Load {
  const share = busyShare(earlier, tree, elapsedMs);
  if (share === null) return 'unknown';
  // On an overloaded machine an app that needs a whole core gets little of one.
  const wanted = share + (waitedShare(earlier, tree, elapsedMs) ?? 0);
  const isWaiting = wanted >= BUSY_SHARE || (isRunning(earlier) && isRunning(tree));
  const isStarved = share >= STARVED_SHARE && isWaiting;
  const isBusy = (share >= BUSY_SHARE || isStarved) && !usageOf(tree).isStopped;
  return isBusy ? 'busy' : 'idle';
}

/**
 * The CPU time that a tree used between two looks, `elapsedMs` apart, as a share of one core (two busy
 * threads are 2); null where not known. A process that started in between counts with all its CPU time; a
 * process that ended in between does not count. CPU time has steps of 10 ms, so looks less than about 200
 * ms apart show little.
 */
export function busyShare(
  earlier: readonly ProcessFacts[],
  later: readonly ProcessFacts[],
  elapsedMs: number,
): number | null {
  return shareOf(({ cpuMs }) => cpuMs, earlier, later, elapsedMs);
}

/** The time that the threads of a tree waited for a processor, in the same way. */
function waitedShare(earlier: Tree, later: Tree, elapsedMs: number): number | null {
  return shareOf(({ waitedMs }) => waitedMs ?? null, earlier, later, elapsedMs);
}

function shareOf(
  msOf: (process: ProcessFacts) => number | null,
  earlier: readonly ProcessFacts[],
  later: readonly ProcessFacts[],
  elapsedMs: number,
): number | null {
  if (!(elapsedMs > 0) || earlier.length === 0) return null;
  const before = new Map(earlier.map((process) => [process.pid, process]));
  let usedMs: number | null = null;
  for (const process of later) {
    const ms = msOf(process);
    if (ms === null) continue;
    const same = before.get(process.pid);
    const wasThere = same !== undefined && same.birth === process.birth;
    const beforeMs = wasThere ? msOf(same) : 0;
    if (beforeMs === null) continue;
    usedMs = (usedMs ?? 0) + Math.max(0, ms - beforeMs);
  }
  return usedMs === null ? null : usedMs / elapsedMs;
}

/** The same tree at the earlier look; for a tree that started since then, an empty one. */
function earlierOf(tree: Tree, earlier: readonly Tree[]): Tree {
  return earlier.find(([root]) => root?.pid === tree[0]?.pid) ?? earlier.flat();
}

/** Whether one process of the trees is stopped (SIGSTOP). */
function isStoppedIn(trees: readonly Tree[], pid: number | null): boolean {
  return trees.some((tree) => tree.some((each) => each.pid === pid && each.state === 'stopped'));
}

function isRunning(tree: Tree): boolean {
  return tree.some(({ state }) => state === 'running');
}
