import { MOST_FRAMES, type ProfileFacts } from './shapes.ts';

/** A function as V8's profiler names it; lines from 0. */
interface CallFrame {
  readonly functionName: string;
  readonly url: string;
  readonly lineNumber: number;
  readonly columnNumber: number;
}

/** A node of V8's CPU profile: a function as it was called on one way. */
export interface ProfileNode {
  readonly id: number;
  readonly callFrame: CallFrame;
  readonly hitCount?: number;
  readonly children?: readonly number[];
  /** How often it was on which line; lines from 1. */
  readonly positionTicks?: readonly { readonly line: number; readonly ticks: number }[];
}

/** A place in a file as it runs, before source maps: line from 1, column from 0. */
export interface RunningFrame {
  readonly name: string;
  readonly url: string;
  readonly line: number | null;
  /** Null where only the line is known. */
  readonly column: number | null;
}

/** A profile before source maps. */
export interface CondensedProfile extends Omit<ProfileFacts, 'hot' | 'ms'> {
  /** Where it was most of the time, innermost first; empty where no JavaScript ran. */
  readonly stack: readonly RunningFrame[];
  readonly hot: readonly (RunningFrame & { readonly share: number })[];
}

const MOST_HOT = 8;

const IDLE = '(idle)';
const GC = '(garbage collector)';

/** Far more than V8 sends for a second. */
const MOST_NODES = 20_000;

/** Condenses V8's tree of calls to the stack that was seen most, and the functions that used most. */
export function condense(all: readonly ProfileNode[]): CondensedProfile {
  const nodes = all.slice(0, MOST_NODES);
  const parents = new Map<number, ProfileNode>();
  for (const node of nodes) for (const child of node.children ?? []) parents.set(child, node);
  const total = Math.max(1, sum(nodes));
  const share = (name: string): number =>
    sum(nodes.filter(({ callFrame }) => callFrame.functionName === name)) / total;
  const running = nodes.filter(isCode).toSorted((one, other) => hitsOf(other) - hitsOf(one));
  const leaf = hitsOf(running[0]) > 0 ? running[0] : deepest(running, parents);
  return {
    stack: leaf === undefined ? [] : stackOf(leaf, parents),
    hot: running
      .filter((node) => hitsOf(node) > 0)
      .slice(0, MOST_HOT)
      .map((node) => ({ ...frameOf(node), share: hitsOf(node) / total })),
    idleShare: share(IDLE),
    gcShare: share(GC),
  };
}

function hitsOf(node: ProfileNode | undefined): number {
  return node?.hitCount ?? 0;
}

function sum(nodes: readonly ProfileNode[]): number {
  return nodes.reduce((hits, node) => hits + hitsOf(node), 0);
}

/** False for what V8 puts in brackets: the root, native code without a name, waiting, garbage collection. */
function isCode({ callFrame: { functionName, url } }: ProfileNode): boolean {
  return url !== '' || !functionName.startsWith('(');
}

/** While garbage is collected, no function has a hit; the one that was interrupted is the deepest. */
function deepest(
  nodes: readonly ProfileNode[],
  parents: ReadonlyMap<number, ProfileNode>,
): ProfileNode | undefined {
  const depth = (node: ProfileNode): number => stackOf(node, parents).length;
  return nodes.slice(0, 200).toSorted((one, other) => depth(other) - depth(one))[0];
}

function stackOf(
  leaf: ProfileNode,
  parents: ReadonlyMap<number, ProfileNode>,
): readonly RunningFrame[] {
  const frames: RunningFrame[] = [];
  let node: ProfileNode | undefined = leaf;
  while (node !== undefined && frames.length < MOST_FRAMES) {
    if (isCode(node)) frames.push(frameOf(node));
    node = parents.get(node.id);
  }
  return frames;
}

/** Where it was most often; else where the function begins. */
function frameOf({ callFrame, positionTicks = [] }: ProfileNode): RunningFrame {
  const { functionName, url, lineNumber, columnNumber } = callFrame;
  const most = positionTicks.toSorted((one, other) => other.ticks - one.ticks)[0];
  const isOneLine = most?.line === lineNumber + 1;
  return {
    name: functionName === '' ? '(anonymous)' : functionName,
    url,
    line: most?.line ?? (lineNumber < 0 ? null : lineNumber + 1),
    // In a file of one line the beginning of the function says more than the line.
    column: most === undefined || isOneLine ? Math.max(0, columnNumber) : null,
  };
}
