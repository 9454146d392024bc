import { hasEndedOnPurpose } from '../pm2/ended-on-purpose.ts';
import { incarnationOf, type ManagedProcess } from '../pm2/process.ts';
import type { Clock } from '../time/clock.ts';
import type { Event } from '../verdict/event.ts';
import type { IncarnationId, LostEvidence, ProcessStatus } from '../verdict/process.ts';

/**
 * What PM2 itself waits for before it does something about a process; `since` and `overdueAt` are
 * monotonic. `stopping`: for its exit, since when that is seen; from `overdueAt` on not even SIGKILL has
 * helped. `ready`: for its ready message (`wait_ready`). `unready`: for nothing more, because the message did not
 * come within `listen_timeout`; `afterMs` is how long after the start it came, null where it has not. `cron`: it is stopped, and PM2 starts it at the
 * times of its `cron_restart`.
 */
export type Pm2Wait =
  | {
      readonly type: 'stopping';
      readonly since: number;
      readonly killTimeoutMs: number;
      readonly overdueAt: number;
    }
  | { readonly type: 'ready'; readonly listenTimeoutMs: number }
  | {
      readonly type: 'unready';
      readonly listenTimeoutMs: number;
      readonly afterMs: number | null;
    }
  | { readonly type: 'cron'; readonly pattern: string };

/** What PM2 said of one app at one moment, in the terms of the verdict. */
export interface Observation {
  readonly name: string;
  readonly namespace: string;
  readonly pmId: number;
  readonly pid: number;
  /** PM2's number of this instance of the app; 0 for the only one. */
  readonly instance: number;
  readonly cwd: string;
  readonly isCluster: boolean;
  /** Node's options, from its command line and NODE_OPTIONS. */
  readonly nodeOptions: string;
  /**
   * What PM2 runs for it, with its arguments: the system shows a Node app without them, because PM2 gives it
   * a title of its own. Never shown, arguments may be secret.
   */
  readonly command: string;
  /** The path of its error log; null where PM2 names none. */
  readonly errorLog: string | null;
  /** The path of the log of its standard output; null where PM2 names none. */
  readonly outputLog: string | null;
  /** Wall milliseconds, from PM2. */
  readonly startedAt: number;
  /** PM2's `restart_time`. */
  readonly restarts: number;
  readonly status: ProcessStatus;
  readonly incarnation: IncarnationId | null;
  readonly ageMs: number;
  /** Why PM2 could not start it, and the entry that it left (as `entryIdOf` names it); with the status `lost` alone. */
  readonly lost?: LostEvidence & { readonly entry: string };
  /** What PM2 itself waits for now; absent where that is nothing. */
  readonly pm2Wait?: Pm2Wait;
  /** In cluster mode the processes behind the port, sorted by pm_id; absent for a single process. */
  readonly members?: readonly Observation[];
}

/** The pids of the processes that PM2 runs for a target now. */
export function pidsOf(app: Observation): readonly number[] {
  return (app.members ?? [app]).map(({ pid }) => pid).filter((pid) => pid > 0);
}

/** The pm_ids of the processes behind a target. */
export function pmIdsOf(app: Observation): readonly number[] {
  return (app.members ?? [app]).map(({ pmId }) => pmId);
}

/** Makes the observation of an entry of PM2's list. */
export function observationOf(process: ManagedProcess, clock: Clock): Observation {
  const { name, namespace, pmId, pid, instance, cwd, isCluster } = process;
  const { errorLog, outputLog, startedAt, restarts } = process;
  const status = statusOf(process);
  const isThere = status === 'online' || status === 'launching' || status === 'stuck';
  return {
    name,
    namespace,
    pmId,
    pid,
    instance,
    cwd,
    isCluster,
    nodeOptions: nodeOptionsOf(process),
    command: commandOf(process),
    errorLog,
    outputLog,
    startedAt,
    restarts,
    status,
    incarnation: isThere ? incarnationOf(process) : null,
    // PM2 has the start only in wall time. The age is used once, when an incarnation is first seen.
    ageMs: isThere ? Math.max(0, clock.wall() - startedAt) : 0,
  };
}

/** An observation as an event of the verdict. */
export function processEventOf(
  { status, incarnation, ageMs, lost }: Observation,
  at: number,
): Extract<Event, { type: 'process' }> {
  return { type: 'process', at, status, incarnation, ageMs, ...(lost && { lost }) };
}

/** The last observation of an app that is watched no more; `listed` is PM2's list, which may still have it. */
export function goneFrom(
  observation: Observation,
  listed: readonly Pick<ManagedProcess, 'pmId' | 'name'>[],
): Observation {
  const pmIds = pmIdsOf(observation);
  const isListed = listed.some(
    ({ pmId, name }) => name === observation.name && pmIds.includes(pmId),
  );
  const status = isListed ? 'unwatched' : 'gone';
  return { ...observation, pid: 0, status, incarnation: null, ageMs: 0 };
}

function commandOf({ env }: ManagedProcess): string {
  const { exec_interpreter: by, node_args: options, pm_exec_path: path, args } = env;
  const words = [by === 'none' ? '' : by, options, path, args].flat();
  return words.filter((word) => typeof word === 'string' && word !== '').join(' ');
}

function nodeOptionsOf({ env }: ManagedProcess): string {
  const { node_args: args, NODE_OPTIONS: options } = env;
  const texts = [...(Array.isArray(args) ? args : [args]), options];
  return texts.filter((text) => typeof text === 'string').join(' ');
}

function statusOf(process: ManagedProcess): ProcessStatus {
  const { status, pid } = process;
  switch (status) {
    case 'online':
      return pid > 0 ? 'online' : 'transit';
    case 'stopped':
      return status;
    case 'errored':
      // With a pid: the process did not exit in time, and PM2 starts no other before it exits.
      return pid > 0 ? 'stuck' : status;
    case 'waiting restart':
      // Without a pid PM2 has no timer running: it will not start the app, as with errored (FACTS, "PM2:
      // restart by status").
      if (pid > 0) return 'transit';
      return hasEndedOnPurpose(process) ? 'stopped' : 'errored';
    case 'launching':
      // With `wait_ready`, while PM2 waits for the ready message: the app can answer already.
      return pid > 0 ? 'launching' : 'transit';
    case 'stopping':
    case 'one-launch-status':
      return 'transit';
  }
}
