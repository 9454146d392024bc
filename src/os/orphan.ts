import { normalize } from 'node:path';
import type { Markers, ProcessFacts, ProcessTable } from './os-reader.ts';
import { ancestorsOf, treeOf } from './tree.ts';

/** The app whose orphan is searched, by PM2's list. */
interface OrphanApp {
  readonly name: string;
  readonly pmId: number;
  readonly pm2Home: string;
  /** PM2's `pm_cwd`. */
  readonly cwd: string;
  /** The user it runs as; null where not known, and then nothing is proven. */
  readonly uid: number | null;
  /** 0 while PM2 runs no process for it. */
  readonly pid: number;
  /** PM2's `pm_uptime`: wall milliseconds at which the present (or last) incarnation began. */
  readonly startedAtMs: number;
  /** The pm_ids of PM2's other apps of this name, whose orphans are not this app's. */
  readonly siblings: readonly number[];
}

/** Processes that must never be stopped. */
interface Bystanders {
  /**
   * The pids of all processes in PM2's list. The `_old_` ones of a reload are not in it, but are children of
   * the daemon.
   */
  readonly pm2Pids: readonly number[];
  /** 0 where not known, and then nothing is proven. */
  readonly daemonPid: number;
  readonly ownPid: number;
}

/** All facts by which a process is judged. */
export interface OrphanEvidence {
  readonly table: ProcessTable;
  readonly app: OrphanApp;
  readonly bystanders: Bystanders;
}

/** Whether a process is an orphan of the app. `missing` says in one sentence what is not proven. */
type Proof = { readonly isProven: true } | { readonly isProven: false; readonly missing: string };

/**
 * PM2 has start times from the wall clock, and Linux counts from a boot time that is rounded down to seconds.
 * Where there is no second process to compare with, a process must be older by this time.
 */
const CLOCK_SLACK_MS = 2_000;

/** Checks each proof of DESIGN §6; what is not known is not proven. */
export function proveOrphan(
  candidate: ProcessFacts,
  markers: Markers | null,
  { table, app, bystanders }: OrphanEvidence,
): Proof {
  const { pid } = candidate;
  const { daemonPid, ownPid, pm2Pids } = bystanders;
  if (pid <= 1) return missing('it is the first process of the system');
  if (pid === ownPid) return missing('it is the monitor itself');
  if (daemonPid <= 0) return missing("the PM2 daemon's pid is not known");
  if (pid === daemonPid) return missing('it is the PM2 daemon');
  if (app.uid === null || candidate.uid === null) return missing('its user is not known');
  if (candidate.uid !== app.uid) return missing('it runs as another user');
  if (markers === null) return missing('its environment cannot be read');
  if (!isSamePath(markers.pm2Home, app.pm2Home))
    return missing('it does not have the same PM2_HOME');
  if (markers.name !== app.name) return missing(`PM2 did not start it as ${app.name}`);
  if (!isSamePath(markers.cwd, app.cwd)) return missing('PM2 did not start it in the same folder');
  if (app.siblings.some((pmId) => markers.pmId === String(pmId))) {
    return missing('it belongs to another instance of the app');
  }
  const line = lineOf(candidate, table);
  if (line.some((each) => pm2Pids.includes(each))) return missing('it belongs to a PM2 process');
  // The daemon adopts orphans only where it is pid 1 of a container.
  if (daemonPid !== 1 && line.includes(daemonPid)) return missing('the PM2 daemon has it');
  if (!isOlder(candidate, table, app)) {
    return missing('it did not start before the current process of the app');
  }
  return { isProven: true };
}

/**
 * True where a process outside the app's tree belongs to its present incarnation: a server that went into the
 * background leaves the tree, but keeps PM2's variables and is younger than the app.
 */
export function isDetachedPart(
  candidate: ProcessFacts,
  markers: Markers | null,
  { table, app, bystanders }: OrphanEvidence,
): boolean {
  const root = table.get(app.pid);
  if (root === undefined || candidate.startedAtMs < root.startedAtMs) return false;
  if (candidate.uid === null || candidate.uid !== app.uid) return false;
  // Another instance of the app has the same name and folder, but its own id and tree.
  const line = lineOf(candidate, table);
  if (line.some((pid) => bystanders.pm2Pids.includes(pid))) return false;
  return (
    markers !== null &&
    markers.name === app.name &&
    markers.pmId === String(app.pmId) &&
    isSamePath(markers.pm2Home, app.pm2Home) &&
    isSamePath(markers.cwd, app.cwd)
  );
}

/**
 * The processes to stop, parents before children, so that no supervisor among them starts one again: all
 * below the topmost of `proven` in the line of parents of `pid` (after a kill of npm, sh → vite remain, and
 * vite listens). Processes of another user or session are left out: a terminal multiplexer that the app
 * started has its user's shells. Empty where `pid` is not proven, or where a process that must not be stopped
 * is in that tree.
 */
export function orphanTree(
  { table, app, bystanders }: OrphanEvidence,
  pid: number,
  proven: ReadonlySet<number>,
): readonly ProcessFacts[] {
  const listener = table.get(pid);
  if (listener === undefined || !proven.has(pid)) return [];
  let top = pid;
  for (const parent of ancestorsOf(table, pid)) {
    if (!proven.has(parent.pid) || parent.session !== listener.session) break;
    top = parent.pid;
  }
  const tree = treeOf(table, top);
  const { pm2Pids, daemonPid, ownPid } = bystanders;
  const untouchable = new Set([1, daemonPid, ownPid, ...pm2Pids]);
  if (tree.some((process) => untouchable.has(process.pid))) return [];
  return tree.filter(
    ({ uid, state, session }) =>
      uid === app.uid && state !== 'zombie' && session === listener.session,
  );
}

/** The pids of a process and all its parents. */
function lineOf({ pid }: ProcessFacts, table: ProcessTable): readonly number[] {
  return [pid, ...ancestorsOf(table, pid).map((parent) => parent.pid)];
}

/**
 * Compared with the app's own process where there is one, because both start times are then from one clock.
 */
function isOlder(candidate: ProcessFacts, table: ProcessTable, app: OrphanApp): boolean {
  const root = table.get(app.pid);
  if (root !== undefined) return candidate.startedAtMs < root.startedAtMs;
  return candidate.startedAtMs + CLOCK_SLACK_MS < app.startedAtMs;
}

function isSamePath(one: string | null, other: string): boolean {
  return one !== null && one !== '' && withoutEnd(one) === withoutEnd(other);
}

function withoutEnd(path: string): string {
  return normalize(path).replace(/(?<=.)[/\\]$/, '');
}

function missing(reason: string): Proof {
  return { isProven: false, missing: reason };
}
