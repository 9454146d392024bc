import { type IncarnationId, type ProcessStatus, isRunning } from '../verdict/process.ts';
import type { Observation } from './observation.ts';

/** One run of a cluster: the incarnations that were online when it began, named by the oldest of them. */
export interface ClusterIncarnation {
  readonly name: IncarnationId;
  readonly members: ReadonlySet<IncarnationId>;
}

/** What a cluster is as one app, and its incarnation, to be passed in again with the next list. */
export interface ClusterObservation {
  readonly observation: Observation;
  readonly incarnation: ClusterIncarnation | null;
}

/**
 * Treats the members of a cluster (not empty, by pm_id) as one app. It is online while any member is,
 * stopped when all are, and given up when only given-up and stopped members are left; pm_id and pid are
 * those of the first member in that state.
 */
export function observeCluster(
  members: readonly Observation[],
  before: ClusterIncarnation | null,
): ClusterObservation {
  const status = statusOf(members);
  const first = members.find((member) => member.status === status);
  if (first === undefined) throw new Error('a target has no process');
  const running = isRunning(status) ? members.filter((member) => member.status === status) : [];
  const incarnation = nameIncarnation(running, before);
  const observation = {
    ...first,
    // A process older than the oldest member is not part of the cluster.
    startedAt: Math.min(...(running.length > 0 ? running : [first]).map((each) => each.startedAt)),
    ageMs: Math.max(...members.map(({ ageMs }) => ageMs)),
    incarnation: running.length > 0 ? (incarnation?.name ?? null) : first.incarnation,
    members,
  };
  return { observation, incarnation };
}

/**
 * The incarnation goes on while one of the members that it began with does. So a member that PM2 revives
 * again and again, or one that is added or removed, leaves the streak of the others as it is; and a
 * rolling reload brings a new incarnation when it has replaced the last member, not before.
 */
function nameIncarnation(
  running: readonly Observation[],
  before: ClusterIncarnation | null,
): ClusterIncarnation | null {
  const own = running.flatMap(({ incarnation }) => incarnation ?? []);
  const oldest = running.toSorted((a, b) => a.startedAt - b.startedAt)[0]?.incarnation ?? null;
  // Between two incarnations the last one is kept, to distinguish a new one from the old one's return.
  if (oldest === null) return before;
  if (before !== null && own.some((each) => before.members.has(each))) return before;
  return { name: oldest, members: new Set(own) };
}

/** Where some members were stopped and others given up, a trial of the latter is still due. */
function statusOf(members: readonly Observation[]): ProcessStatus {
  for (const status of ['online', 'launching', 'transit', 'stuck', 'errored'] as const) {
    if (members.some((member) => member.status === status)) return status;
  }
  return 'stopped';
}

/** How many of the instances behind one port PM2 runs, and how many there are. */
export function countOf(members: readonly Observation[]): { online: number; all: number } {
  const online = members.filter(({ status }) => status === 'online').length;
  return { online, all: members.length };
}
