import { hideLogins } from '../config/secrets/word-secrets.ts';
import { isLoopback } from '../os/address.ts';
import type { Listener, OsReader, ProcessFacts, ProcessTable } from '../os/os-reader.ts';
import { SHARED_MS } from '../os/shared-reader.ts';
import { findTraced, treeOf } from '../os/tree.ts';
import type { Clock } from '../time/clock.ts';
import type { Observation } from '../target/observation.ts';
import { reachedBy } from './probed-address.ts';
import type { Sample } from '../probe/probe.ts';

/** A thread that a debugger holds sleeps during all this time. */
const LOOK_APART_MS = 100;

/**
 * A person who steps through the code wakes the thread a few times; a running program wakes it hundreds
 * of times.
 */
const MOST_SLEEPS = 10;

/** At most this many ports of one app are tried. */
const MAX_INSPECTORS = 8;

/** Both options hold the program before its first line until a debugger attaches and continues. */
const WAITS = /--inspect-(?:brk|wait)\b/;

/** What finds a debugger. */
export interface DebuggerDeps {
  readonly reader: OsReader;
  readonly clock: Clock;
  readonly ownPid: number;
  /** True where a Node inspector listens there. */
  readonly isInspector: (address: string, port: number) => Promise<boolean>;
}

/** What is known about the app itself. */
interface DebuggerEvidence {
  /** True where its present incarnation has ever answered well. */
  readonly hasAnswered: boolean;
  /** Its probed port, which is no inspector's; null where it has none. */
  readonly probedPort: number | null;
}

/** A port that may be an inspector's, of a process whose first thread sleeps. */
interface Candidate {
  readonly pid: number;
  readonly sleeps: number | null;
  readonly address: string;
  readonly port: number;
}

/** True for a failure that a debugger can cause; an app held before its first line has no port yet. */
export function mayBeHeld({ class: name }: Extract<Sample, { kind: 'fail' }>): boolean {
  return name === 'timeout' || name === 'refused' || name === 'exec';
}

/**
 * Finds the debugger that holds the app: a sentence for people, or null where there is none.
 *
 * An open inspector proves nothing: it answers from a thread of its own, also while the program runs. To
 * ask it whether the program is paused would open a session, which changes the process and may disturb
 * the developer's session. So this reads the system: a program is paused when its first thread sleeps
 * until another thread of the process (the inspector's) wakes it, while a client is connected to that
 * inspector, or while it waits for its first client.
 */
export async function findDebugger(
  app: Observation,
  table: ProcessTable | null,
  evidence: DebuggerEvidence,
  deps: DebuggerDeps,
): Promise<string | null> {
  if (table === null || app.pid === 0) return null;
  const tree = treeOf(table, app.pid);
  // A tracer that traces us too (proot, a sandbox) traces everything, and is no debugger.
  const traced = findTraced(tree, table.get(deps.ownPid)?.tracerPid ?? 0);
  if (traced !== null) return tracerText(traced, table);
  const candidates = await findCandidates(tree, evidence, deps);
  // All at once: one that does not answer takes long, and a hung app waits for its restart.
  const found = await Promise.all(
    candidates.map((candidate) => describeHold(candidate, app, evidence, deps)),
  );
  return found.find((by) => by !== null) ?? null;
}

function tracerText({ tracerPid }: ProcessFacts, table: ProcessTable): string {
  if (tracerPid === null) return 'a debugger is attached';
  const command = table.get(tracerPid)?.command;
  return `a debugger is attached (process ${tracerPid}${command ? `, ${hideLogins(command)}` : ''})`;
}

/** The loopback ports of processes whose first thread sleeps. */
async function findCandidates(
  tree: readonly ProcessFacts[],
  { probedPort }: DebuggerEvidence,
  { reader }: DebuggerDeps,
): Promise<readonly Candidate[]> {
  const sleeping = tree.filter(({ state }) => state === 'sleeping');
  const held = new Map<number, number | null>();
  for (const { pid } of sleeping) {
    const thread = await reader.mainThread(pid);
    if (thread !== null && thread.waitsForThread !== false) held.set(pid, thread.sleeps);
  }
  if (held.size === 0) return [];
  const listeners = (await reader.listenersOf([...held.keys()], SHARED_MS)) ?? [];
  return listeners
    .filter(({ port }) => port !== probedPort)
    .flatMap((listener) => candidateOf(listener, held) ?? [])
    .slice(0, MAX_INSPECTORS);
}

function candidateOf(
  { address, port, pids }: Listener,
  held: ReadonlyMap<number, number | null>,
): Candidate | null {
  const pid = pids?.find((each) => held.has(each));
  const isReachable = isLoopback(address) || address === '0.0.0.0' || address === '::';
  if (pid === undefined || !isReachable) return null;
  return { pid, sleeps: held.get(pid) ?? null, address, port };
}

async function describeHold(
  candidate: Candidate,
  app: Observation,
  { hasAnswered }: DebuggerEvidence,
  deps: DebuggerDeps,
): Promise<string | null> {
  const { pid, address, port } = candidate;
  const { reader, isInspector } = deps;
  const isAttached = isConnected(candidate, await reader.connectedAt(port, SHARED_MS));
  const mayWait = !isAttached && !hasAnswered && (await startsPaused(pid, app, reader));
  if (!isAttached && !mayWait) return null;
  if (!(await isInspector(reachedBy(address), port))) return null;
  const isHeld = await stillSleeps(candidate, mayWait, deps);
  if (!isHeld) return null;
  const where = `process ${pid}, inspector on port ${port}`;
  return isAttached ? `a debugger is attached (${where})` : `it waits for a debugger (${where})`;
}

function isConnected({ address }: Candidate, connected: readonly string[] | null): boolean {
  if (connected === null) return false;
  return isLoopback(address) ? connected.includes(address) : connected.length > 0;
}

/**
 * True where the process was started paused: by its own arguments, or by the options that PM2 or the
 * app's environment gives every Node process of the app.
 */
async function startsPaused(pid: number, app: Observation, reader: OsReader): Promise<boolean> {
  if (WAITS.test(app.nodeOptions)) return true;
  return WAITS.test((await reader.processes([pid]))?.get(pid)?.command ?? '');
}

/**
 * True where the thread still sleeps as before. Where the system does not say what it waits for, this is
 * true for an attached debugger, and false (`mustKnow`) for one that has not attached yet.
 */
async function stillSleeps(
  { pid, sleeps }: Candidate,
  mustKnow: boolean,
  { reader, clock }: DebuggerDeps,
): Promise<boolean> {
  await clock.sleep(LOOK_APART_MS);
  const thread = await reader.mainThread(pid);
  if (thread === null || thread.waitsForThread === false) return false;
  if (thread.waitsForThread === null && mustKnow) return false;
  return sleeps === null || thread.sleeps === null || thread.sleeps - sleeps <= MOST_SLEEPS;
}
