import { endTree } from '../os/signal/end-tree.ts';
import type { ProcessIdentity, OsReader } from '../os/os-reader.ts';
import { treeOf } from '../os/tree.ts';
import type { Clock } from '../time/clock.ts';
import type { RestartOrder } from './restart-order.ts';

/** The time that a process which PM2 has lost has to end by itself. */
const GRACE_MS = 1_600;

/** What distinguishes a process that PM2 has lost from everybody else's. */
export interface LostProcessDeps {
  readonly reader: OsReader;
  readonly clock: Clock;
  readonly pm2Home: string;
  /** PM2's daemon; 0 when not known, and then nothing is touched. */
  readonly daemonPid: number;
  /** Everything that PM2 runs, as of a list taken after the app was seen gone. */
  readonly pm2Pids: readonly number[];
  /** What PM2 runs by now. May reject, and then nothing is touched. */
  readonly pidsNow: () => Promise<readonly number[]>;
}

/**
 * A `pm2 delete` that crosses a restart can leave the new process running: PM2 does not know it, and
 * it holds the port (FACTS, "PM2: restart by status"). It is ours to stop, because our restart started it: a child of the
 * daemon, marked with this PM2_HOME, name and pm_id, that PM2 does not list. Returns the pids it ended.
 */
export async function endLostProcess(
  order: RestartOrder,
  deps: LostProcessDeps,
): Promise<readonly number[]> {
  const { reader, clock, daemonPid } = deps;
  const table = daemonPid > 0 ? await reader.processes() : null;
  if (table === null) return [];
  const lives: ProcessIdentity[] = [];
  for (const { pid, ppid } of table.values()) {
    if (ppid !== daemonPid || deps.pm2Pids.includes(pid) || pid === process.pid) continue;
    if (await isOf(order, pid, deps)) lives.push(...treeOf(table, pid));
  }
  const isListed = lives.some(({ pid }) => deps.pm2Pids.includes(pid));
  if (lives.length === 0 || isListed) return [];
  // A daemon that was just replaced may have started it meanwhile.
  const now = await deps.pidsNow();
  if (lives.some(({ pid }) => now.includes(pid))) return [];
  const { ended } = await endTree(lives, { clock, reader }, { graceMs: GRACE_MS });
  return ended;
}

/** True for a process that PM2 started as this very app, by what it put into its environment. */
async function isOf(
  { name, pmId }: RestartOrder,
  pid: number,
  deps: LostProcessDeps,
): Promise<boolean> {
  const markers = await deps.reader.markers(pid);
  const isHere = markers?.pm2Home === deps.pm2Home;
  return isHere && markers?.name === name && markers.pmId === String(pmId);
}
