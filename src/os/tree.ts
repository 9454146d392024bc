import type { ProcessFacts, ProcessTable } from './os-reader.ts';

/** What a process tree uses and does as a whole; null where not known. */
interface TreeUsage {
  readonly cpuMs: number | null;
  readonly rssBytes: number | null;
  /** True where its root is stopped (SIGSTOP), or a part is stopped and no other part runs. */
  readonly isStopped: boolean;
}

/**
 * A process and all its descendants, parents before children; empty where it is not in the table.
 *
 * Processes whose own parent has exited are not included: nothing shows to which incarnation they belonged,
 * and after `kill -9` of npm these are the orphans that must not count as the app (FACTS, "PM2: the npm
 * wrapper"). Their markers show whose they are.
 */
export function treeOf(table: ProcessTable, rootPid: number): readonly ProcessFacts[] {
  const root = table.get(rootPid);
  if (root === undefined) return [];
  const children = childrenOf(table);
  const tree = [root];
  const seen = new Set([rootPid]);
  // The array grows during the walk: breadth first, so parents come before their children.
  for (const parent of tree) {
    for (const child of children.get(parent.pid) ?? []) {
      if (seen.has(child.pid) || !isChild(child, parent)) continue;
      seen.add(child.pid);
      tree.push(child);
    }
  }
  return tree;
}

/** The running parents, nearest first, without pid 1 and the kernel. */
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

/** The sums over a tree, and whether somebody has stopped it. */
export function usageOf(tree: readonly ProcessFacts[]): TreeUsage {
  const living = tree.filter(({ state }) => state !== 'zombie');
  return {
    cpuMs: sum(tree.map(({ cpuMs }) => cpuMs)),
    rssBytes: sum(living.map(({ rssBytes }) => rssBytes)),
    isStopped: isStopped(tree, living),
  };
}

/**
 * The first process of a tree with a debugger from outside of the tree; null where there is none. A tracer of
 * everything (`everywhere`, 0 for none) is no debugger.
 */
export function findTraced(tree: readonly ProcessFacts[], everywhere: number): ProcessFacts | null {
  const known = new Set([...tree.map(({ pid }) => pid), everywhere]);
  const living = tree.filter(({ state }) => state !== 'zombie');
  return living.find((process) => isTracedFromOutside(process, known)) ?? null;
}

/**
 * Windows keeps the pid of a parent that is gone, and reuses that pid (other systems give the orphan a new
 * parent). But no process is older than its parent.
 */
function isChild(child: ProcessFacts, parent: ProcessFacts): boolean {
  return child.startedAtMs >= parent.startedAtMs;
}

/** The children by parent, computed once per table: hundreds of apps share one table. */
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

/** False for an app that was started under `strace -f` or in its own sandbox: that is no debugger. */
function isTracedFromOutside(process: ProcessFacts, known: ReadonlySet<number>): boolean {
  const { tracerPid, state } = process;
  return tracerPid === null ? state === 'traced' : tracerPid > 0 && !known.has(tracerPid);
}

/** The sum of the known values; null where none is known. */
function sum(values: readonly (number | null)[]): number | null {
  const known = values.filter((value) => value !== null);
  return known.length === 0 ? null : known.reduce((total, value) => total + value, 0);
}
