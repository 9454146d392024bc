import type { ProcessFacts, ProcessTable } from './os-reader.ts';

/** What a process tree uses and does, taken together; null is not known. */
interface TreeUsage {
  readonly cpuMs: number | null;
  readonly rssBytes: number | null;
  /** Its root is stopped (SIGSTOP), or a part is and no other part runs. */
  readonly isStopped: boolean;
}

/**
 * A process with all that descends from it, parents before children; empty when it is not there.
 *
 * Processes that were re-parented, because their own parent died, are not looked for: from outside
 * nothing shows to which incarnation they belonged, and after `kill -9` of npm just they are the orphans
 * that must not count as the app (FACTS, "PM2: the npm wrapper"). Whose they are is for their markers to say.
 */
export function treeOf(table: ProcessTable, rootPid: number): readonly ProcessFacts[] {
  const root = table.get(rootPid);
  if (root === undefined) return [];
  const children = childrenOf(table);
  const tree = [root];
  const seen = new Set([rootPid]);
  // The array grows while it is walked: breadth first, so parents stand before their children.
  for (const parent of tree) {
    for (const child of children.get(parent.pid) ?? []) {
      if (seen.has(child.pid) || !isChild(child, parent)) continue;
      seen.add(child.pid);
      tree.push(child);
    }
  }
  return tree;
}

/** The chain of living parents, the nearest first, pid 1 and the kernel left out. */
export function ancestorsOf(table: ProcessTable, pid: number): readonly ProcessFacts[] {
  const chain: ProcessFacts[] = [];
  let child = table.get(pid);
  while (child !== undefined) {
    const parent = table.get(child.ppid);
    if (parent === undefined || parent.pid <= 1 || !isChild(child, parent)) break;
    if (parent.pid === pid || chain.includes(parent)) break;
    chain.push(parent);
    child = parent;
  }
  return chain;
}

/** The sums over a tree, and whether it stands still by somebody's will. */
export function usageOf(tree: readonly ProcessFacts[]): TreeUsage {
  const living = tree.filter(({ state }) => state !== 'zombie');
  return {
    cpuMs: sum(tree.map(({ cpuMs }) => cpuMs)),
    rssBytes: sum(living.map(({ rssBytes }) => rssBytes)),
    isStopped: isStopped(tree, living),
  };
}

/**
 * The first process of a tree that somebody from outside of it debugs; null when there is none. A
 * tracer of everything (`everywhere`, 0 for none) is no debugger.
 */
export function findTraced(tree: readonly ProcessFacts[], everywhere: number): ProcessFacts | null {
  const known = new Set([...tree.map(({ pid }) => pid), everywhere]);
  const living = tree.filter(({ state }) => state !== 'zombie');
  return living.find((process) => isTracedFromOutside(process, known)) ?? null;
}

/**
 * Windows keeps the pid of a parent that is long gone, and gives that pid to others (elsewhere an
 * orphan is adopted); but no process is older than its parent.
 */
function isChild(child: ProcessFacts, parent: ProcessFacts): boolean {
  return child.startedAtMs >= parent.startedAtMs;
}

/** Of one table, once: hundreds of trees are looked for in a table that hundreds of apps share. */
const known = new WeakMap<ProcessTable, Map<number, ProcessFacts[]>>();

function childrenOf(table: ProcessTable): Map<number, ProcessFacts[]> {
  const children = known.get(table) ?? childrenByParent(table);
  known.set(table, children);
  return children;
}

function childrenByParent(table: ProcessTable): Map<number, ProcessFacts[]> {
  const children = new Map<number, ProcessFacts[]>();
  for (const process of table.values()) {
    const siblings = children.get(process.ppid);
    if (siblings === undefined) children.set(process.ppid, [process]);
    else siblings.push(process);
  }
  return children;
}

function isStopped(tree: readonly ProcessFacts[], living: readonly ProcessFacts[]): boolean {
  if (tree[0]?.state === 'stopped') return true;
  const isBusy = living.some(({ state }) => state === 'running' || state === 'disk');
  return !isBusy && living.some(({ state }) => state === 'stopped');
}

/** An app that is started under `strace -f`, or has a sandbox of its own, is not being debugged. */
function isTracedFromOutside(process: ProcessFacts, known: ReadonlySet<number>): boolean {
  const { tracerPid, state } = process;
  return tracerPid === null ? state === 'traced' : tracerPid > 0 && !known.has(tracerPid);
}

/** What is known, added up; null when nothing is. */
function sum(values: readonly (number | null)[]): number | null {
  const known = values.filter((value) => value !== null);
  return known.length === 0 ? null : known.reduce((total, value) => total + value, 0);
}
