import { endTree } from '../os/signal/end-tree.ts';
import type { ProcessIdentity, OsReader } from '../os/os-reader.ts';
import { treeOf } from '../os/tree.ts';
import type { Clock } from '../time/clock.ts';
import type { RestartOrder } from './restart-order.ts';

/** A process that PM2 has lost has this time to exit by itself. */
const GRACE_MS = 1_600;

/** What finds a process that PM2 has lost, and proves that it is ours. */
interface LostProcessDeps {
  readonly reader: OsReader;
  readonly clock: Clock;
  readonly pm2Home: string;
  /** The pid of PM2's daemon; 0 when not known, and then nothing is signalled. */
  readonly daemonPid: number;
  /** The pids of all that PM2 runs, from a list that was read after the app was gone. */
  readonly pm2Pids: readonly number[];
  /** The pids that PM2 runs now. May reject, and then nothing is signalled. */
  readonly pidsNow: () => Promise<readonly number[]>;
}

/**
 * Stops a process that PM2 has lost, and returns the stopped pids. A `pm2 delete` that crosses a restart
 * can leave the new process running: PM2 does not list it, and it holds the port (FACTS, "PM2: restart by
 * status"). Our restart started it, so we stop it: a child of the daemon, marked with this PM2_HOME, name
 * and pm_id, that PM2 does not list.
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
  // PM2 may have started and listed it meanwhile.
  const now = await deps.pidsNow();
  if (lives.some(({ pid }) => now.includes(pid))) return [];
  const { ended } = await endTree(lives, { clock, reader }, { graceMs: GRACE_MS });
  return ended;
}

/** True for a process that PM2 started as this app: PM2's variables in its environment show it. */
async function isOf(
  { name, pmId }: RestartOrder,
  pid: number,
  deps: LostProcessDeps,
): Promise<boolean> {
  const markers = await deps.reader.markers(pid);
  const isHere = markers?.pm2Home === deps.pm2Home;
  return isHere && markers?.name === name && markers.pmId === String(pmId);
}
