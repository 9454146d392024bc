import { incarnationOf, type ManagedProcess } from '../pm2/process.ts';
import type { ActionResult } from '../verdict/event.ts';
import type { LostEvidence } from '../verdict/process.ts';
import type { Observation } from './observation.ts';

/**
 * How PM2 lost an app (FACTS, "PM2 loses apps in silence"). `unspawned` is online without a process;
 * `crashed` and `timer` are stopped or waiting with the pid of a process that has ended, which PM2 sets
 * to 0 where anybody stops the app; `ours` has been stopped by a restart of ours whose start failed.
 */
type Loss = 'unspawned' | 'crashed' | 'timer' | 'ours';

/** What a look at the file system and PM2's log found; `detail` goes on the words "PM2 could not start it". */
export type LostReason = LostEvidence;

/** What finds out why PM2 lost an app. */
export interface LostAppsDeps {
  /** Why PM2 cannot start an app; `said` is its answer to us. Null where nothing shows it. Never rejects. */
  readonly findReason: (process: ManagedProcess, said: string) => Promise<LostReason | null>;
  /** Resolves to true while the path is still missing. Never rejects. */
  readonly isMissing: (process: ManagedProcess, path: string) => Promise<boolean>;
  /** See `Pm2Client`. */
  readonly busConnection: () => number | null;
  /** Called when the next list has something new to show. */
  readonly onNews: () => void;
}

/** An entry that looks lost, as long as PM2 leaves it as it is. */
interface Suspect {
  readonly key: string;
  readonly firstSeenAt: number;
  readonly firstRestarts: number;
  restarts: number;
  /** When PM2 last counted a restart of it, or it was first seen. */
  changedAt: number;
  reason: LostReason | null;
  lookedAt: number;
  isLooking: boolean;
}

/** A restart of ours, and the bus connection over which a stop of the operator would have come since. */
interface Own {
  readonly connection: number | null;
  readonly said: string;
}

/** Where the reason is known, PM2 is no longer at work on an entry that is unchanged for this time. */
const PROVEN_MS: Readonly<Record<Loss, number>> = {
  unspawned: 1_000,
  crashed: 3_000,
  timer: 3_000,
  // An operator's stop that crossed our restart has been reported by then.
  ours: 5_000,
};

/** The same where the reason is not known: PM2 may need time to open the log files. */
const UNPROVEN_MS = 30_000;

const LOOK_MS = 1_000;

/** How PM2 answers a restart whose start failed; any other error does not say that it stopped the app. */
const START_FAILED =
  /\b(?:ENOENT|ENOTDIR|EACCES|EPERM|EROFS|ENOSPC|EDQUOT|EIO|EMFILE|ENFILE|ENOMEM|EAGAIN)\b|could not be forked/;

/**
 * Tells apps that PM2 lost from those that somebody stopped. An unclear case is the operator's:
 * such an app is left as it is, stopped.
 */
export class LostApps {
  readonly #deps: LostAppsDeps;
  readonly #suspects = new Map<number, Suspect>();
  /** Restarts of ours under way, and those whose start failed, by pm_id. */
  readonly #flights = new Map<number, Own>();
  readonly #failed = new Map<number, Own>();

  constructor(deps: LostAppsDeps) {
    this.#deps = deps;
  }

  /** The observation of a process that PM2 lost; any other is given back as it is. */
  pass(
    process: ManagedProcess,
    observation: Observation,
    { isOperatorStop, now }: { readonly isOperatorStop: boolean; readonly now: number },
  ): Observation {
    const { pmId, status, isCluster } = process;
    // A list that was requested before the restart was over may still say `stopping`.
    const isDown = status === 'stopped' || status === 'stopping';
    if (!isDown || isOperatorStop) this.#failed.delete(pmId);
    const inWork = { ...observation, status: 'transit', pid: 0, incarnation: null } as const;
    const loss = this.#lossOf(process, isOperatorStop);
    if (loss === null) {
      this.#suspects.delete(pmId);
      const isOurs = !isCluster && !isOperatorStop && this.#flights.has(pmId);
      return isOurs && status === 'stopped' ? inWork : observation;
    }
    const suspect = this.#suspectOf(process, loss, now);
    this.#look(process, suspect, now);
    const since = now - provenFrom(process, loss, suspect);
    if (since < (suspect.reason === null ? UNPROVEN_MS : PROVEN_MS[loss])) return inWork;
    const reason = suspect.reason ?? { detail: 'PM2 could not start it', missing: null };
    return {
      ...inWork,
      status: 'lost',
      lost: { ...reason, entry: incarnationOf(process) },
    };
  }

  /** A restart of ours begins. */
  begin(pmId: number): void {
    this.#flights.set(pmId, { connection: this.#deps.busConnection(), said: '' });
  }

  /** A restart of ours is over; `said` is PM2's answer. */
  end(pmId: number, result: ActionResult, said: string): void {
    const flight = this.#flights.get(pmId);
    this.#flights.delete(pmId);
    if (result === 'skipped') return;
    this.#suspects.delete(pmId);
    const isFailed = result === 'failed' && START_FAILED.test(said);
    if (flight && isFailed) this.#failed.set(pmId, { ...flight, said });
  }

  forget(pmId: number): void {
    this.#suspects.delete(pmId);
    this.#flights.delete(pmId);
    this.#failed.delete(pmId);
  }

  #lossOf(process: ManagedProcess, isOperatorStop: boolean): Loss | null {
    const { pid, pmId, status, isCluster } = process;
    if (isCluster) return null;
    if (status === 'online' && pid === 0) return 'unspawned';
    if (status === 'waiting restart' && pid > 0) return 'timer';
    if (status !== 'stopped' || isOperatorStop) return null;
    if (pid > 0) return 'crashed';
    const own = this.#failed.get(pmId);
    if (own === undefined) return null;
    // It may have been stopped while the bus was not connected.
    const isHeard = own.connection !== null && own.connection === this.#deps.busConnection();
    if (!isHeard) this.#failed.delete(pmId);
    return isHeard ? 'ours' : null;
  }

  #suspectOf(process: ManagedProcess, loss: Loss, now: number): Suspect {
    const { pmId, restarts } = process;
    const key = `${loss} ${incarnationOf(process)}`;
    const known = this.#suspects.get(pmId);
    if (known?.key === key) {
      if (known.restarts !== restarts) Object.assign(known, { restarts, changedAt: now });
      return known;
    }
    const suspect: Suspect = {
      key,
      firstSeenAt: now,
      firstRestarts: restarts,
      restarts,
      changedAt: now,
      reason: null,
      lookedAt: Number.NEGATIVE_INFINITY,
      isLooking: false,
    };
    this.#suspects.set(pmId, suspect);
    return suspect;
  }

  /** Looks once a second at most, and only as long as there may be something new to see. */
  #look(process: ManagedProcess, suspect: Suspect, now: number): void {
    const { reason } = suspect;
    const isSettled =
      reason === null
        ? suspect.lookedAt - suspect.changedAt > UNPROVEN_MS
        : reason.missing === null;
    if (suspect.isLooking || isSettled || now - suspect.lookedAt < LOOK_MS) return;
    Object.assign(suspect, { isLooking: true, lookedAt: now });
    void this.#lookAgain(process, suspect);
  }

  /** Never rejects. */
  async #lookAgain(process: ManagedProcess, suspect: Suspect): Promise<void> {
    const { reason } = suspect;
    const found = await this.#reasonNow(process, reason);
    Object.assign(suspect, { isLooking: false, reason: found });
    const isNews = found?.detail !== reason?.detail || found?.missing !== reason?.missing;
    if (isNews) this.#deps.onNews();
  }

  /** While a path is missing, only that path is checked. */
  async #reasonNow(process: ManagedProcess, known: LostReason | null): Promise<LostReason | null> {
    const { findReason, isMissing } = this.#deps;
    const missing = known?.missing ?? null;
    if (missing !== null && (await isMissing(process, missing))) return known;
    const said = this.#failed.get(process.pmId)?.said ?? '';
    return (await findReason(process, said)) ?? (known && { ...known, missing: null });
  }
}

/** From when on the entry cannot be PM2's work in progress any more. */
function provenFrom(process: ManagedProcess, loss: Loss, suspect: Suspect): number {
  const { firstSeenAt, firstRestarts, changedAt } = suspect;
  // PM2 counts the restart as its timer fires.
  if (loss !== 'timer' || suspect.restarts > firstRestarts) return changedAt;
  return firstSeenAt + restartDelayOf(process);
}

/** How long PM2 waits before it starts the app again, in milliseconds. */
function restartDelayOf({ env }: ManagedProcess): number {
  const { restart_delay: fixed, exp_backoff_restart_delay: first, prev_restart_delay: last } = env;
  const delay = Number.parseInt(String(first === undefined ? fixed : last), 10);
  return Number.isFinite(delay) ? delay : UNPROVEN_MS;
}
