import { type IncarnationId, type ProcessStatus, isRunning } from '../verdict/process.ts';
import type { Observation } from './observation.ts';

/** One incarnation of a cluster: the members that were online when it began, named by the oldest of them. */
export interface ClusterIncarnation {
  readonly name: IncarnationId;
  readonly members: ReadonlySet<IncarnationId>;
}

/** A cluster seen as one app, and its incarnation, which the next call needs again. */
export interface ClusterObservation {
  readonly observation: Observation;
  readonly incarnation: ClusterIncarnation | null;
}

/**
 * Treats the members of a cluster (not empty, sorted by pm_id) as one app. It is online while any member
 * is, stopped when all are, and given up when all are given up or stopped. Its pm_id and pid are those of
 * the first member in that state.
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
 * The incarnation lasts while one of its first members runs. So a member that PM2 starts again and again,
 * or one that is added or removed, does not change the streak of the others, and a rolling reload brings
 * a new incarnation only when it has replaced the last member.
 */
function nameIncarnation(
  running: readonly Observation[],
  before: ClusterIncarnation | null,
): ClusterIncarnation | null {
  const own = running.flatMap(({ incarnation }) => incarnation ?? []);
  const oldest = running.toSorted((a, b) => a.startedAt - b.startedAt)[0]?.incarnation ?? null;
  // Between two incarnations the last one is kept, to distinguish a new one from the old one.
  if (oldest === null) return before;
  if (before !== null && own.some((each) => before.members.has(each))) return before;
  return { name: oldest, members: new Set(own) };
}

/**
 * The status of the whole. Where some members are stopped and others given up, it is given up, so that
 * these get a trial.
 */
function statusOf(members: readonly Observation[]): ProcessStatus {
  for (const status of ['online', 'launching', 'transit', 'stuck', 'lost', 'errored'] as const) {
    if (members.some((member) => member.status === status)) return status;
  }
  return 'stopped';
}

/** How many instances there are behind one port, and how many of them are online. */
export function countOf(members: readonly Observation[]): { online: number; all: number } {
  const online = members.filter(({ status }) => status === 'online').length;
  return { online, all: members.length };
}
