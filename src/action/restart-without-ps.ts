import { LivenessError } from '../errors.ts';
import { endTree, type SendSignal } from '../os/signal/end-tree.ts';
import type { ProcessIdentity, OsReader } from '../os/os-reader.ts';
import { treeOf } from '../os/tree.ts';
import type { Pm2Client } from '../pm2/client.ts';
import { incarnationOf, type ManagedProcess } from '../pm2/process.ts';
import type { Clock } from '../time/clock.ts';

/** An app has at least this time to exit by itself. */
const GRACE_MS = 1_500;

/** PM2 starts an app again within this time after its exit, also on a busy machine. */
const START_MS = 10_000;

const LOOK_MS = 100;

/** PM2 may report the operator's `pm2 stop` only after this time. */
const CROSSING_MS = 300;

/** What restarts an app without PM2's own tree kill. */
export interface TreeDeps {
  readonly pm2: Pm2Client;
  readonly clock: Clock;
  readonly reader: Pick<OsReader, 'processes' | 'births' | 'stopped'>;
  readonly send?: SendSignal;
}

/**
 * True where PM2 runs `ps` to restart this process. Without `ps`, PM2 7 starts the app twice, because the
 * failed tree kill calls back twice, and every PM2 stops only the top process (FACTS, "PM2: restart by
 * status").
 */
export function needsPs({ status, env }: ManagedProcess): boolean {
  return env['treekill'] === true && (status === 'online' || status === 'launching');
}

/**
 * Stops the whole process tree of an app and lets PM2 start it again, as after a crash. Where PM2 does
 * not (`autorestart: false`, `stop_exit_codes`), calls `pm2 restart`, which then has nothing to stop.
 * PM2's count of unstable starts goes on, unlike after a plain `pm2 restart`. Throws ERR_PM2_FAILED when
 * the app cannot be stopped or is not started again.
 */
export async function restartWithoutPs(process: ManagedProcess, deps: TreeDeps): Promise<void> {
  let isStopWanted = false;
  const unsubscribe = deps.pm2.onEvent(({ event, manually, pmId }) => {
    if (pmId === process.pmId && manually && event === 'stop') isStopWanted = true;
  });
  try {
    await endApp(process, deps);
    const atRest = await waitForPm2(process, deps);
    if (atRest === null) return;
    await deps.clock.sleep(CROSSING_MS);
    const again = await find(process, deps.pm2);
    if (!isStopWanted && again !== undefined && isAtRest(again)) await deps.pm2.restart(again);
  } finally {
    unsubscribe();
  }
}

/**
 * Reloads a cluster process, then stops what the old worker left: the reload starts nothing twice, but
 * the old worker's children stay.
 */
export async function reloadWithoutPs(process: ManagedProcess, deps: TreeDeps): Promise<void> {
  const tree = await treeNow(process.pid, deps);
  await deps.pm2.reload(process);
  await end(tree, process, deps);
}

/**
 * Stops the children first, while their parent runs: PM2 starts the app again as soon as the top process
 * is gone, and then no child may hold the port. What the parent started meanwhile is stopped with it.
 */
async function endApp(process: ManagedProcess, deps: TreeDeps): Promise<void> {
  const tree = await treeNow(process.pid, deps);
  const root = tree[0];
  // PM2 must still list this pid after the process table was read.
  const now = await find(process, deps.pm2);
  if (root === undefined || now === undefined || incarnationOf(now) !== incarnationOf(process)) {
    throw failed('the app was started again meanwhile');
  }
  await end(tree.slice(1), process, deps);
  const births = await deps.reader.births([root.pid]);
  if (births?.get(root.pid) !== root.birth) return;
  await end(await treeNow(root.pid, deps), process, deps);
}

/** A process and all its descendants, parents first. */
async function treeNow(pid: number, { reader }: TreeDeps): Promise<readonly ProcessIdentity[]> {
  const table = await reader.processes();
  if (table === null) {
    throw failed('PM2 lacks the program ps, and this system does not list the app’s processes');
  }
  return treeOf(table, pid);
}

async function end(
  lives: readonly ProcessIdentity[],
  { killTimeoutMs }: ManagedProcess,
  { clock, reader, send }: TreeDeps,
): Promise<void> {
  const deps = { clock, reader, ...(send && { send }) };
  const { left } = await endTree(lives.toReversed(), deps, {
    graceMs: Math.max(GRACE_MS, killTimeoutMs),
  });
  if (left.length > 0) {
    throw new LivenessError(
      'ERR_STUCK',
      `process ${left.join(', ')} of the app could not be stopped`,
    );
  }
}

/**
 * Null when PM2 has started the app again, or has a timer for it; else the entry that PM2 leaves alone.
 */
async function waitForPm2(
  process: ManagedProcess,
  { pm2, clock }: TreeDeps,
): Promise<ManagedProcess | null> {
  const deadline = clock.now() + START_MS;
  for (;;) {
    const now = await find(process, pm2);
    // The operator has deleted it.
    if (now === undefined) return null;
    if (isAtRest(now)) return now;
    if (now.status === 'waiting restart') return null;
    const isNew = incarnationOf(now) !== incarnationOf(process);
    if (isNew && now.pid > 0 && now.status !== 'stopping') return null;
    if (clock.now() >= deadline) throw failed(`PM2 has not started it again: ${now.status}`);
    await clock.sleep(LOOK_MS);
  }
}

/**
 * True where PM2 will not start the app by itself: it has cleared the pid. An app that it will start
 * keeps its pid until then.
 */
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
