import { withoutLogins } from '../config/secrets/word-secrets.ts';
import { isLoopback } from '../os/address.ts';
import type { Listener, OsReader, ProcessFacts, ProcessTable } from '../os/os-reader.ts';
import { tracedIn, treeOf } from '../os/tree.ts';
import type { Clock } from '../time/clock.ts';
import type { Observation } from '../target/observation.ts';

/** A thread that a debugger holds sleeps through this. */
const LOOK_APART_MS = 100;

/** Which sockets listen may be known from so long ago. */
const SHARED_MS = 250;

/** But a person who steps wakes it a few times; a program at work wakes it hundreds of times. */
const MOST_SLEEPS = 10;

/** So many ports of one app are asked at most. */
const MAX_INSPECTORS = 8;

/** Both stop before the first line, until a debugger comes and says go on. */
const WAITS = /--inspect-(?:brk|wait)\b/;

/** What is needed to look for a debugger. */
export interface DebuggerDeps {
  readonly reader: OsReader;
  readonly clock: Clock;
  readonly ownPid: number;
  /** Whether a Node inspector listens there. */
  readonly isInspector: (address: string, port: number) => Promise<boolean>;
}

/** What is known of the app itself. */
export interface Known {
  /** Whether its present life has ever answered well. */
  readonly hasAnswered: boolean;
  /** The port of its own at which it is asked, which is no inspector's; null is none. */
  readonly askedPort: number | null;
}

/** A port that may be an inspector's, of a process whose program does not run. */
interface Candidate {
  readonly pid: number;
  readonly sleeps: number | null;
  readonly address: string;
  readonly port: number;
}

/**
 * Who holds the app up: a sentence for a person, or null for nobody.
 *
 * An open inspector is no sign: it answers from a thread of its own, whatever the program does.
 * To ask it whether the program is paused would open a session, which changes the process and may
 * disturb the person's own. So it is read off from outside: a paused program is one whose first
 * thread sleeps until another thread of the process (the inspector's) wakes it, while a client is
 * connected to that inspector, or while it still waits for its first one.
 */
export async function debuggerOf(
  app: Observation,
  table: ProcessTable | null,
  known: Known,
  ports: DebuggerDeps,
): Promise<string | null> {
  if (table === null || app.pid === 0) return null;
  const tree = treeOf(table, app.pid);
  // Whoever traces us as well (proot, a sandbox) traces everything, and debugs nothing.
  const traced = tracedIn(tree, table.get(ports.ownPid)?.tracerPid ?? 0);
  if (traced !== null) return tracerText(traced, table);
  const candidates = await candidatesIn(tree, known, ports);
  // All at once, for one that keeps its answer back takes its time, and a hung app waits for its restart.
  const found = await Promise.all(
    candidates.map((candidate) => heldAt(candidate, app, known, ports)),
  );
  return found.find((by) => by !== null) ?? null;
}

function tracerText({ tracerPid }: ProcessFacts, table: ProcessTable): string {
  if (tracerPid === null) return 'a debugger is attached';
  const command = table.get(tracerPid)?.command;
  return `a debugger is attached (process ${tracerPid}${command ? `, ${withoutLogins(command)}` : ''})`;
}

/** Where processes listen on loopback whose first thread does not run. */
async function candidatesIn(
  tree: readonly ProcessFacts[],
  { askedPort }: Known,
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
    .filter(({ port }) => port !== askedPort)
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

async function heldAt(
  candidate: Candidate,
  app: Observation,
  { hasAnswered }: Known,
  ports: DebuggerDeps,
): Promise<string | null> {
  const { pid, address, port } = candidate;
  const { reader, isInspector } = ports;
  const isAttached = isConnected(candidate, await reader.connectedAt(port, SHARED_MS));
  const mayWait = !isAttached && !hasAnswered && (await isToldToWait(pid, app, reader));
  if (!isAttached && !mayWait) return null;
  const host = address === '0.0.0.0' ? '127.0.0.1' : address === '::' ? '::1' : address;
  if (!(await isInspector(host, port))) return null;
  const isHeld = await sleepsOn(candidate, mayWait, ports);
  if (!isHeld) return null;
  const where = `process ${pid}, inspector on port ${port}`;
  return isAttached ? `a debugger is attached (${where})` : `it waits for a debugger (${where})`;
}

function isConnected({ address }: Candidate, connected: readonly string[] | null): boolean {
  if (connected === null) return false;
  return isLoopback(address) ? connected.includes(address) : connected.length > 0;
}

/** By its own arguments, or by what PM2 or the app's environment tells every Node of the app. */
async function isToldToWait(pid: number, app: Observation, reader: OsReader): Promise<boolean> {
  if (WAITS.test(app.nodeOptions)) return true;
  return WAITS.test((await reader.processes([pid]))?.get(pid)?.command ?? '');
}

/**
 * Whether the thread still sleeps as it did. Where the system does not tell on what, somebody who is
 * attached is the benefit of the doubt; one who has yet to come is not.
 */
async function sleepsOn(
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
