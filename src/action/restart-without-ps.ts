import { LivenessError } from '../errors.ts';
import { endTree, type SendSignal } from '../os/signal/end-tree.ts';
import type { Life, OsReader } from '../os/os-reader.ts';
import { treeOf } from '../os/tree.ts';
import type { Pm2Client } from '../pm2/client.ts';
import { incarnationOf, type ManagedProcess } from '../pm2/process.ts';
import type { Clock } from '../time/clock.ts';

/** How long an app has to end by itself, at least. */
const GRACE_MS = 1_500;

/** How soon PM2 starts again what has ended, on a busy machine too. */
const START_MS = 10_000;

const LOOK_MS = 100;

/** The operator's `pm2 stop` may be published only now. */
const CROSSING_MS = 300;

/** What a restart needs that does without PM2's own way to end a tree. */
export interface TreeDeps {
  readonly pm2: Pm2Client;
  readonly clock: Clock;
  readonly reader: Pick<OsReader, 'processes' | 'births'>;
  readonly send?: SendSignal;
}

/**
 * True where PM2 runs `ps` to restart this process. Without it PM2 7 starts the app twice, for the
 * failed tree kill calls back twice, and any PM2 ends the top process only (FACTS).
 */
export function needsPs({ status, env }: ManagedProcess): boolean {
  return env['treekill'] === true && (status === 'online' || status === 'launching');
}

/**
 * Ends the whole tree of an app and leaves it to PM2 to start it again, as after a crash; where
 * PM2 does not (`autorestart: false`, `stop_exit_codes`), it is asked to, with nothing left for it
 * to end. Other than by `pm2 restart`, PM2's own count of unstable starts goes on. Throws
 * ERR_PM2_FAILED when the app cannot be ended or is not started again.
 */
export async function restartWithoutPs(process: ManagedProcess, ports: TreeDeps): Promise<void> {
  let isStopWanted = false;
  const unsubscribe = ports.pm2.onEvent(({ event, manually, pmId }) => {
    if (pmId === process.pmId && manually && event === 'stop') isStopWanted = true;
  });
  try {
    await endApp(process, ports);
    const left = await whatPm2Does(process, ports);
    if (left === null) return;
    await ports.clock.sleep(CROSSING_MS);
    const again = await find(process, ports.pm2);
    if (!isStopWanted && again !== undefined && isAtRest(again)) await ports.pm2.restart(again);
  } finally {
    unsubscribe();
  }
}

/** A reload of a cluster starts nothing twice, but leaves the children of the old worker behind. */
export async function reloadWithoutPs(process: ManagedProcess, ports: TreeDeps): Promise<void> {
  const tree = await livesOf(process.pid, ports);
  await ports.pm2.reload(process);
  await end(tree, process, ports);
}

/**
 * The children first, while their parent lives: PM2 starts the app again as soon as the top process
 * has gone, and then nothing of it may still hold its port. What the parent has started meanwhile
 * goes with it.
 */
async function endApp(process: ManagedProcess, ports: TreeDeps): Promise<void> {
  const tree = await livesOf(process.pid, ports);
  const root = tree[0];
  // Its pid is PM2's only as long as PM2 says so after the look.
  const now = await find(process, ports.pm2);
  if (root === undefined || now === undefined || incarnationOf(now) !== incarnationOf(process)) {
    throw failed('the app was started anew meanwhile');
  }
  await end(tree.slice(1), process, ports);
  const births = await ports.reader.births([root.pid]);
  if (births?.get(root.pid) !== root.birth) return;
  await end(await livesOf(root.pid, ports), process, ports);
}

/** A process and all below it, parents first. */
async function livesOf(pid: number, { reader }: TreeDeps): Promise<readonly Life[]> {
  const table = await reader.processes();
  if (table === null) {
    throw failed('PM2 lacks the program ps, and this system does not tell the app’s processes');
  }
  return treeOf(table, pid);
}

async function end(
  lives: readonly Life[],
  { killTimeoutMs }: ManagedProcess,
  { clock, reader, send }: TreeDeps,
): Promise<void> {
  const ports = { clock, reader, ...(send && { send }) };
  const { left } = await endTree(lives.toReversed(), ports, {
    graceMs: Math.max(GRACE_MS, killTimeoutMs),
  });
  if (left.length > 0) {
    throw new LivenessError(
      'ERR_STUCK',
      `process ${left.join(', ')} of the app could not be ended`,
    );
  }
}

/** Null when PM2 has started the app again, or has the timer to; else the entry that it leaves as it is. */
async function whatPm2Does(
  process: ManagedProcess,
  { pm2, clock }: TreeDeps,
): Promise<ManagedProcess | null> {
  const deadline = clock.now() + START_MS;
  for (;;) {
    const now = await find(process, pm2);
    // Deleted by the operator.
    if (now === undefined) return null;
    if (isAtRest(now)) return now;
    if (now.status === 'waiting restart') return null;
    const isNew = incarnationOf(now) !== incarnationOf(process);
    if (isNew && now.pid > 0 && now.status !== 'stopping') return null;
    if (clock.now() >= deadline) throw failed(`PM2 has not started it again: ${now.status}`);
    await clock.sleep(LOOK_MS);
  }
}

/** PM2 clears the pid of what it will not start again by itself; one that it will keeps it for the moment. */
function isAtRest({ status, pid }: ManagedProcess): boolean {
  return (
    pid === 0 && (status === 'stopped' || status === 'errored' || status === 'waiting restart')
  );
}

async function find(process: ManagedProcess, pm2: Pm2Client): Promise<ManagedProcess | undefined> {
  return (await pm2.list()).find(
    ({ pmId, name }) => pmId === process.pmId && name === process.name,
  );
}

function failed(message: string): LivenessError {
  return new LivenessError('ERR_PM2_FAILED', message);
}
