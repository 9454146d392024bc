import { countedFrom } from '../../agent/active.ts';
import { Places } from '../../agent/places.ts';
import { condense, type RunningFrame } from '../../agent/profile.ts';
import { readAnswer } from '../../agent/read-answer.ts';
import type { ActiveFacts, AgentAnswer, Frame } from '../../agent/shapes.ts';
import type { ProcessIdentity } from '../../os/os-reader.ts';
import { CdpConnection } from './cdp-connection.ts';
import { findInspector, type FindDeps } from './find-inspector.ts';
import { pausedFrames, profileNodes } from './profile-nodes.ts';

/** As the agent samples: a short profile still has a hundred samples. */
const PROFILE_MS = 50;
const INTERVAL_US = 500;

/** A main thread that can be paused is within this time; a regular expression cannot. */
const PAUSE_MS = 400;

/** All of it: finding, opening, asking. */
const ASK_MS = 3_000;

/** How long source maps are read. */
const MAPS_MS = 500;

/** Where it waits for events most of the time, its event loop is free. */
const IDLE_SHARE = 0.5;

const MOST_RESOURCES = 1_000;
const RESOURCES = `JSON.stringify(process.getActiveResourcesInfo().slice(0, ${MOST_RESOURCES}))`;

/**
 * Closes the inspector that we opened when the event loop has turned: Node may still have to take note of the signal,
 * and would open it again. It keeps no app alive. On a loop that never turns, it stays open until the restart.
 */
const CLOSE_LATER =
  "void setTimeout(() => process.getBuiltinModule('node:inspector').close(), 250).unref()";

/** The app of a process that is asked. */
export interface InspectedApp {
  readonly process: ProcessIdentity;
  readonly cwd: string;
  /** True where its block has `diagnose: 'inspector'`. */
  readonly mayOpen: boolean;
}

/**
 * Asks Node's inspector in a process what its main thread does: the stack that is seen most in 50 ms, or what a free
 * event loop waits for. Null where there is no inspector. The answer is the app's text, and is read as such. Never
 * rejects.
 */
export async function askInspector(app: InspectedApp, deps: FindDeps): Promise<AgentAnswer | null> {
  const over = AbortSignal.timeout(ASK_MS);
  try {
    const found = await findInspector(app.process, app.mayOpen, deps);
    if (found === null) return null;
    const connection = await CdpConnection.open(found, over);
    if (connection === null) return null;
    try {
      return await ask(app, connection, found.isOurs);
    } finally {
      connection.close();
    }
  } catch {
    return null;
  }
}

async function ask(
  { process: { pid, birth }, cwd }: InspectedApp,
  connection: CdpConnection,
  isOurs: boolean,
): Promise<AgentAnswer | null> {
  await connection.send('Profiler.enable');
  await connection.send('Profiler.setSamplingInterval', { interval: INTERVAL_US });
  // Where the main thread is in a system call, nothing is answered, and /proc says the rest.
  if ((await connection.send('Profiler.start')) === null) return null;
  await new Promise((resolve) => setTimeout(resolve, PROFILE_MS));
  const nodes = profileNodes((await connection.send('Profiler.stop'))?.['profile']);
  if (nodes === null) return null;
  const seen = condense(nodes);
  const isBlocked = seen.idleShare < IDLE_SHARE;
  const active = isBlocked ? null : await activeOf(connection);
  if (isOurs) await connection.send('Runtime.evaluate', { expression: CLOSE_LATER });
  const paused = isBlocked ? await pausedStack(connection) : null;
  const stack = isBlocked ? await shown(paused ?? seen.stack, cwd) : null;
  const { idleShare, gcShare } = seen;
  const profile = { hot: [], idleShare, gcShare, ms: PROFILE_MS };
  const answer: AgentAnswer = {
    schemaVersion: 1,
    pid,
    birth,
    isBlocked,
    silentMs: null,
    delay: null,
    active,
    stack,
    profile,
  };
  return readAnswer(JSON.stringify(answer));
}

/** More exact than a profile, which does not see a loop that began before it; V8 goes on at once. */
async function pausedStack(connection: CdpConnection): Promise<readonly RunningFrame[] | null> {
  await connection.send('Debugger.enable');
  const pause = connection.paused(PAUSE_MS);
  await connection.send('Debugger.pause');
  const frames = pausedFrames(await pause, connection.scripts);
  if (frames !== null) await connection.send('Debugger.resume');
  // A pause that has not come yet is called off.
  await connection.send('Debugger.disable');
  return frames;
}

async function activeOf(connection: CdpConnection): Promise<ActiveFacts | null> {
  const asked = { expression: RESOURCES, returnByValue: true };
  const reply = await connection.send('Runtime.evaluate', asked);
  const { value } = { value: null, ...(reply?.['result'] as object | undefined) }; // checked below
  const names: unknown = typeof value === 'string' ? JSON.parse(value) : null;
  if (!Array.isArray(names)) return null;
  const texts = names.slice(0, MOST_RESOURCES).filter((name) => typeof name === 'string');
  return { resources: countedFrom(texts), peers: [] };
}

function shown(stack: readonly RunningFrame[], cwd: string): Promise<readonly Frame[]> {
  return new Places(cwd, performance.now() + MAPS_MS, new Map()).showAll(stack);
}
