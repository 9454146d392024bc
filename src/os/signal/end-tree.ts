import type { Clock } from '../../time/clock.ts';
import type { ProcessIdentity, OsReader } from '../os-reader.ts';
import { sendSignal, signalProcess, type SendSignal, type SignalName } from './signal.ts';

export { sendSignal, type SendSignal };

/** How often to check whether all are gone. */
const LOOK_MS = 50;

/** How long the system may take to remove killed processes. */
const KILL_WAIT_MS = 2_000;

/** Clock, births and signals. */
interface EndTreeDeps {
  readonly clock: Clock;
  readonly reader: Pick<OsReader, 'births'>;
  readonly send?: SendSignal;
}

/**
 * The pids that are gone, and those that are still there (not proven to be ours, or not killed by SIGKILL).
 */
interface EndTreeResult {
  readonly ended: readonly number[];
  readonly left: readonly number[];
}

/** The time between SIGTERM and SIGKILL. */
interface EndTreeOptions {
  readonly graceMs: number;
  /** Stops the waiting; signals that were sent by then stay sent. */
  readonly signal?: AbortSignal;
}

/**
 * Stops exactly these processes, in this order: SIGTERM, `graceMs`, SIGKILL. Before every signal the birth is
 * read again, so that a pid which now belongs to another process gets none; where births cannot be read no
 * signal is sent. A child that starts meanwhile is left alone: check the port again, and prove again. Never
 * throws.
 */
export async function endTree(
  lives: readonly ProcessIdentity[],
  deps: EndTreeDeps,
  { graceMs, signal }: EndTreeOptions,
): Promise<EndTreeResult> {
  await signalAll(lives, 'SIGTERM', deps);
  let left = await waitUntilGone(lives, deps, graceMs, signal);
  if (left.length > 0 && signal?.aborted !== true) {
    await signalAll(left, 'SIGKILL', deps);
    left = await waitUntilGone(left, deps, KILL_WAIT_MS, signal);
  }
  const pids = new Set(left.map(({ pid }) => pid));
  return {
    ended: lives.filter(({ pid }) => !pids.has(pid)).map(({ pid }) => pid),
    left: [...pids],
  };
}

async function signalAll(
  lives: readonly ProcessIdentity[],
  signal: SignalName,
  { reader, send }: EndTreeDeps,
): Promise<void> {
  // One by one: each is verified just before its signal.
  for (const life of lives) await signalProcess(life, signal, reader, send);
}

/** The processes that are still there when the time is over. */
async function waitUntilGone(
  lives: readonly ProcessIdentity[],
  { clock, reader }: EndTreeDeps,
  withinMs: number,
  signal: AbortSignal | undefined,
): Promise<readonly ProcessIdentity[]> {
  const deadline = clock.now() + withinMs;
  for (;;) {
    // The next look starts only after this one.
    const births = await reader.births(lives.map(({ pid }) => pid));
    const left =
      births === null ? lives : lives.filter((each) => births.get(each.pid) === each.birth);
    const restMs = deadline - clock.now();
    if (left.length === 0 || restMs <= 0 || signal?.aborted === true) return left;
    await clock.sleep(Math.min(LOOK_MS, restMs), signal);
  }
}
