import { maskSecrets, type Secrets } from '../../config/secrets/secrets.ts';
import type { Clock } from '../../time/clock.ts';
import { countRestart, type RestartRun } from '../../verdict/incident/unstable.ts';
import type { Failure } from '../../verdict/streak.ts';
import type { Observation } from '../observation.ts';
import { STARTED_AGAIN, UNSEEN } from './cause.ts';
import { MOST_RESTARTS_KEPT, type ObservedRestart } from './observed-restart.ts';

/** The incarnation that was last seen of a process, with PM2's counter. */
export interface SeenIncarnation {
  readonly pmId: number;
  /** Wall milliseconds, by PM2's clock. */
  readonly startedAt: number;
  readonly restarts: number;
}

/** What is kept of one target's restarts. Immutable. */
export interface RestartList {
  /** One for each process. */
  readonly seen: readonly SeenIncarnation[];
  /** The newest restarts, the oldest first. */
  readonly last: readonly ObservedRestart[];
}

export const NO_RESTARTS: RestartList = { seen: [], last: [] };

/** A restart with what is known of ours, and without any secret of the block. */
export function tellRestart(
  restart: ObservedRestart,
  orderedFor: Failure | null,
  secrets: Secrets | undefined,
): ObservedRestart {
  const isOurs = restart.cause === 'us' && orderedFor !== null;
  const detail = isOurs
    ? `${restart.detail} (${orderedFor.class}: ${orderedFor.detail})`
    : restart.detail;
  return { ...restart, detail: maskSecrets(detail, secrets) };
}

/** The list with one more restart. */
export function addObserved(list: RestartList, restart: ObservedRestart): RestartList {
  const last = [...list.last, restart].sort((one, other) => one.at - other.at);
  return { ...list, last: last.slice(-MOST_RESTARTS_KEPT) };
}

/** The list with what PM2 shows now of the target's processes; the same list where nothing is new. */
export function markSeen(list: RestartList, observation: Observation): RestartList {
  const members = membersOf(observation);
  const isSame =
    list.seen.length === members.length &&
    members.every(({ pmId, startedAt, restarts }) => {
      const seen = seenOf(list, pmId);
      return seen?.startedAt === startedAt && seen.restarts === restarts;
    });
  if (isSame) return list;
  const seen = members.map(({ pmId, startedAt, restarts }) => ({ pmId, startedAt, restarts }));
  return { ...list, seen };
}

/** The restarts since the list was kept, of which nobody heard: one for each process, with PM2's count. */
export function findUnseen(list: RestartList, observation: Observation): ObservedRestart[] {
  return membersOf(observation).flatMap(({ pmId, startedAt, restarts }) => {
    const before = seenOf(list, pmId);
    if (before === undefined || before.startedAt >= startedAt) return [];
    if (restarts === 0) return [{ pmId, at: startedAt, ...STARTED_AGAIN, count: 1 }];
    // Less than before where the counter was reset, as with a new daemon.
    const count = restarts > before.restarts ? restarts - before.restarts : restarts;
    return [{ pmId, at: startedAt, ...UNSEEN, count }];
  });
}

/** What a list means for the verdict: the restarts that were counted, in monotonic time. */
export function runOf(
  { last }: RestartList,
  clock: Pick<Clock, 'now' | 'wall'>,
): RestartRun | null {
  const [now, wall] = [clock.now(), clock.wall()];
  return last.reduce<RestartRun | null>((run, restart) => {
    const at = now - Math.max(0, wall - restart.at);
    return countRestart(run, restart, at);
  }, null);
}

function seenOf({ seen }: RestartList, pmId: number): SeenIncarnation | undefined {
  return seen.find((each) => each.pmId === pmId);
}

/** The processes behind a target; none of one that PM2 does not have any more, or that nobody watches. */
function membersOf(observation: Observation): readonly Observation[] {
  const { status, members } = observation;
  return status === 'gone' || status === 'unwatched' ? [] : (members ?? [observation]);
}
