import type { Clock } from '../../time/clock.ts';
import type { ProcessIdentity, OsReader } from '../os-reader.ts';
import { sendSignal, signalProcess, type SendSignal, type SignalName } from './signal.ts';

export { sendSignal, type SendSignal };

/** How often to look whether all have gone. */
const LOOK_MS = 50;

/** How long the system may take to clear away what was killed. */
const KILL_WAIT_MS = 2_000;

/** What ending a tree needs of the world. */
interface EndTreeDeps {
  readonly clock: Clock;
  readonly reader: Pick<OsReader, 'births'>;
  readonly send?: SendSignal;
}

/** What came of it: who is gone, and who is still there (not ours to signal, or deaf to SIGKILL). */
interface EndTreeResult {
  readonly ended: readonly number[];
  readonly left: readonly number[];
}

/** How long the processes have between the request to end and the order. */
interface EndTreeOptions {
  readonly graceMs: number;
  /** Ends the waiting; what was asked to end by then stays asked. */
  readonly signal?: AbortSignal;
}

/**
 * Stops exactly these processes, in this order: SIGTERM, `graceMs`, SIGKILL. Before every signal the
 * birth is read again, so that a pid that was given to another in the meantime gets none; where
 * births cannot be read no signal is sent. A child that is born meanwhile is not in the list and is
 * left alone: look at the port again, and prove again. Never throws.
 */
export async function endTree(
  lives: readonly ProcessIdentity[],
  ports: EndTreeDeps,
  { graceMs, signal }: EndTreeOptions,
): Promise<EndTreeResult> {
  await signalAll(lives, 'SIGTERM', ports);
  let left = await waitUntilGone(lives, ports, graceMs, signal);
  if (left.length > 0 && signal?.aborted !== true) {
    await signalAll(left, 'SIGKILL', ports);
    left = await waitUntilGone(left, ports, KILL_WAIT_MS, signal);
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
  // One by one: each is verified right before its own signal.
  for (const life of lives) await signalProcess(life, signal, reader, send);
}

/** Those still there when the time is over. */
async function waitUntilGone(
  lives: readonly ProcessIdentity[],
  { clock, reader }: EndTreeDeps,
  withinMs: number,
  signal: AbortSignal | undefined,
): Promise<readonly ProcessIdentity[]> {
  const deadline = clock.now() + withinMs;
  for (;;) {
    // The next look is armed when this one has ended.
    const births = await reader.births(lives.map(({ pid }) => pid));
    const left =
      births === null ? lives : lives.filter((each) => births.get(each.pid) === each.birth);
    const restMs = deadline - clock.now();
    if (left.length === 0 || restMs <= 0 || signal?.aborted === true) return left;
    await clock.sleep(Math.min(LOOK_MS, restMs), signal);
  }
}
