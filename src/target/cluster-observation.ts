import { type IncarnationId, type ProcessStatus, isRunning } from '../verdict/process.ts';
import type { Observation } from './observation.ts';

/** The life of a group: the lives that were online when it began, and the oldest of them as its name. */
export interface ClusterIncarnation {
  readonly name: IncarnationId;
  readonly lives: ReadonlySet<IncarnationId>;
}

/** What a group says as one, and its life, to be given back with the next look. */
export interface ClusterObservation {
  readonly observation: Observation;
  readonly life: ClusterIncarnation | null;
}

/**
 * Takes what PM2 says of the members of a group (not empty, by pm_id) for what it says of one app.
 * It is online while any member is, stopped when all are, and given up when nothing but given-up and
 * stopped ones is left; pm_id and pid are those of the first member in that state.
 */
export function observeCluster(
  members: readonly Observation[],
  before: ClusterIncarnation | null,
): ClusterObservation {
  const status = statusOf(members);
  const first = members.find((member) => member.status === status);
  if (first === undefined) throw new Error('a target has no process');
  const running = isRunning(status) ? members.filter((member) => member.status === status) : [];
  const life = incarnationToEnd(running, before);
  const observation = {
    ...first,
    // What is older than the oldest is no part of the group.
    startedAt: Math.min(...(running.length > 0 ? running : [first]).map((each) => each.startedAt)),
    ageMs: Math.max(...members.map(({ ageMs }) => ageMs)),
    incarnation: running.length > 0 ? (life?.name ?? null) : first.incarnation,
    members,
  };
  return { observation, life };
}

/**
 * The group lives on while one of the lives that it began with does. So a member that PM2 revives
 * again and again, one that is added and one that is taken away leave the streak of the others as it
 * is, and a rolling reload has brought a new life when it has replaced the last member, not before.
 */
function incarnationToEnd(
  running: readonly Observation[],
  before: ClusterIncarnation | null,
): ClusterIncarnation | null {
  const lives = running.flatMap(({ incarnation }) => incarnation ?? []);
  const oldest = running.toSorted((a, b) => a.startedAt - b.startedAt)[0]?.incarnation ?? null;
  // Between two lives the last one is kept, to tell a new one from the old one come back.
  if (oldest === null) return before;
  if (before !== null && lives.some((life) => before.lives.has(life))) return before;
  return { name: oldest, lives: new Set(lives) };
}

/** Where some were stopped one by one and others given up, a trial of the latter is still due. */
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
