// Runs in the main thread of the user's app: it must never throw into it, and never keep it alive.
import { lstatSync, readFileSync } from 'node:fs';
import { isMainThread, MessageChannel, Worker } from 'node:worker_threads';
import { parseStat } from '../os/linux/stat.ts';
import { activeFacts } from './active.ts';
import { BEAT_BYTES, BEAT_MS, writeBeat } from './beat.ts';
import { agentDirOf, agentSocketIn } from './place.ts';

/** What the thread gets. */
export interface ThreadData {
  readonly path: string;
  readonly pid: number;
  readonly birth: string | null;
  readonly beat: SharedArrayBuffer;
}

/** The program that PM2 starts first may be older than the monitor, which makes the folder: there is more than one look. */
const LOOKS_MS = [2_000, 10_000, 60_000];

/** The heap of the thread: what a source map takes, and little more. */
const LIMITS = { maxOldGenerationSizeMb: 64, maxYoungGenerationSizeMb: 1, stackSizeMb: 1 };

const STARTED = Symbol.for('pm2-liveness.agent');

/** The variables of an app that PM2 runs. */
type Env = Readonly<Record<string, string | undefined>>;

/**
 * Starts the agent, once in a process: a thread that answers the monitor on a socket of its own. Does nothing in
 * a worker thread, where PM2 does not run the process, on Windows, and while there is no folder of a monitor.
 * Never throws.
 */
export function startAgent(env: Env): void {
  // In cluster mode PM2's variables are still in one, as JSON, when this runs.
  const { PM2_HOME: home, pm_id: pmId, pm2_env: packed } = env;
  if (!isMainThread || !home || !(pmId || packed) || STARTED in globalThis) return;
  Object.defineProperty(globalThis, STARTED, { value: true });
  look(home, LOOKS_MS);
}

function look(home: string, [next, ...later]: readonly number[]): void {
  try {
    const dir = agentDirOf(home);
    if (dir === null) return;
    if (isOwnFolder(dir)) return startThread(dir);
  } catch {
    // No folder that can be read, or no thread: the app runs on without an agent.
  }
  if (next !== undefined) setTimeout(() => look(home, later), next).unref();
}

/** A folder that another user could write to is not used. */
function isOwnFolder(dir: string): boolean {
  const found = lstatSync(dir, { throwIfNoEntry: false });
  if (!found?.isDirectory()) return false;
  return found.uid === process.getuid?.() && (found.mode & 0o077) === 0;
}

function startThread(dir: string): void {
  const birth = birthOf();
  const path = agentSocketIn(dir, process.pid, Number(birth ?? performance.timeOrigin));
  const shared = new SharedArrayBuffer(BEAT_BYTES);
  const { port1, port2 } = new MessageChannel();
  const workerData: ThreadData & { readonly port: unknown } = {
    path,
    birth,
    pid: process.pid,
    beat: shared,
    port: port2,
  };
  const worker = new Worker(new URL('./thread.js', import.meta.url), {
    name: 'pm2-liveness agent',
    // Neither this agent again, nor the app's loaders, nor its secrets.
    execArgv: [],
    argv: [],
    env: {},
    workerData,
    transferList: [port2],
    resourceLimits: LIMITS,
    trackUnmanagedFds: false,
  });
  worker.on('error', () => undefined);
  worker.unref();
  port1.on('message', (id: unknown) => {
    port1.postMessage({ id, active: activeFacts() });
  });
  port1.unref();
  beat(new Float64Array(shared));
}

function beat(shared: Float64Array): void {
  const { timeOrigin } = performance;
  let dueAt = timeOrigin + performance.now();
  const write = (): void => {
    const now = timeOrigin + performance.now();
    writeBeat(shared, now, dueAt);
    dueAt = now + BEAT_MS;
  };
  write();
  setInterval(write, BEAT_MS).unref();
}

/** As the monitor's reader has it; null where there is no /proc. */
function birthOf(): string | null {
  try {
    const stat = parseStat(readFileSync('/proc/self/stat', 'latin1'));
    return stat && String(stat.startTicks);
  } catch {
    return null;
  }
}
