/**
 * What an agent can be asked: a look at once, or with a CPU profile of a second; `delay`: how late the event loop
 * was, which its thread knows without the main thread; `heap`: what fills the heap, with the absolute path of the file
 * that is to get a snapshot of it, if any.
 */
export type AgentAsk = 'look' | 'profile' | 'delay' | 'heap' | `heap ${string}`;

const OBJECTS_MS = 15_000;
const SNAPSHOT_MS = 60_000;

/** How long an agent may take over a heap, with and without a file for a snapshot. The app does nothing else meanwhile. */
export function heapMsOf(file: string | null): number {
  return file === null ? OBJECTS_MS : OBJECTS_MS + SNAPSHOT_MS;
}

/** One function on a stack, or among the hottest. */
export interface Frame {
  /** `(anonymous)` where it has none. */
  readonly name: string;
  /** Below the app's folder without it; `node:fs` for Node's own; empty for native code. */
  readonly file: string;
  /** From 1; null where not known. */
  readonly line: number | null;
}

/** A function that used CPU, and its share of the profile, from 0 to 1. */
export interface HotFrame extends Frame {
  readonly share: number;
}

/** What a CPU profile of the main thread shows. */
export interface ProfileFacts {
  /** The hottest first, at most eight. */
  readonly hot: readonly HotFrame[];
  /** The share of the time in which it waited for events. */
  readonly idleShare: number;
  /** The share of the time in which it collected garbage. */
  readonly gcShare: number;
  readonly ms: number;
}

/** How late the event loop was, in milliseconds, measured four times a second for up to a minute. */
export interface LoopDelay {
  readonly p50Ms: number;
  readonly p99Ms: number;
  readonly maxMs: number;
}

/** A kind of thing, or an address, and how many there are. */
export interface Counted {
  readonly name: string;
  readonly count: number;
}

/** What keeps a process alive whose event loop turns. */
export interface ActiveFacts {
  /** Node's names of pending work: `TCPSocketWrap`, `Timeout`, `GetAddrInfoReqWrap`. */
  readonly resources: readonly Counted[];
  /** Where its open outgoing connections go: `127.0.0.1:5432`. */
  readonly peers: readonly Counted[];
}

/** What fills the heap of the main thread. */
export interface HeapFacts {
  /** What V8 uses, garbage included. */
  readonly usedBytes: number;
  /** Buffers and other memory outside of the heap that its objects hold; null where not known. */
  readonly externalBytes: number | null;
  /** The names of constructors and how many objects they made, the most first; empty where nobody counted. */
  readonly objects: readonly Counted[];
  /** The file with the snapshot; null where there is none. */
  readonly file: string | null;
  /** Why something of this is missing; null where nothing is. */
  readonly note: string | null;
}

/** The answer of an agent. */
export interface AgentAnswer {
  readonly schemaVersion: 1;
  readonly pid: number;
  /** As `ProcessFacts.birth` has it; null where the agent does not know it. */
  readonly birth: string | null;
  /** True where the main thread did not turn its event loop when asked. */
  readonly isBlocked: boolean;
  /** How long ago its event loop last turned, in milliseconds, to a quarter of a second; null where not known. */
  readonly silentMs: number | null;
  readonly delay: LoopDelay | null;
  /** Null where the loop is blocked. */
  readonly active: ActiveFacts | null;
  /** Innermost first; null where it was not asked for, and while the main thread is in a system call. */
  readonly stack: readonly Frame[] | null;
  /** Null as `stack` is, and where it takes too long. */
  readonly profile: ProfileFacts | null;
  /** Absent where it was not asked for, and while it is not known. */
  readonly heap?: HeapFacts;
}

/** The longest answer that is sent or read; it comes up to three times, each with more in it. */
export const MOST_ANSWER_BYTES = 65_536;

/** How many frames of a stack are kept. */
export const MOST_FRAMES = 20;
