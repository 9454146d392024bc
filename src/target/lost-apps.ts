import { entryIdOf, incarnationOf, type ManagedProcess } from '../pm2/process.ts';
import type { ActionResult } from '../verdict/event.ts';
import type { LostEvidence } from '../verdict/process.ts';
import { lossIn, needsReason, PROVEN_MS, restartDelayOf, UNPROVEN_MS, type Loss } from './loss.ts';
import type { Observation } from './observation.ts';

/** What finds out why PM2 lost an app. */
export interface LostAppsDeps {
  /**
   * Finds out why PM2 cannot start an app; `said` is what it answered to us, and `mustHaveFailed` asks for a
   * failed start in PM2's log. Null where nothing shows it. Never rejects.
   */
  readonly findReason: (
    process: ManagedProcess,
    said: string,
    mustHaveFailed: boolean,
  ) => Promise<LostEvidence | null>;
  /** Resolves to true while all that was missing (as `LostEvidence.missing` has it) still is. Never rejects. */
  readonly isMissing: (process: ManagedProcess, missing: string) => Promise<boolean>;
  /** See `Pm2Client`. */
  readonly busConnection: () => number | null;
  /** Called when the next list has something new to show. */
  readonly onNews: () => void;
}

/** An entry that looks lost, as long as PM2 leaves it as it is. */
interface Suspect {
  readonly key: string;
  readonly loss: Loss;
  /** Without a reason it is what PM2 says. */
  readonly isInDoubt: boolean;
  readonly firstSeenAt: number;
  readonly firstRestarts: number;
  restarts: number;
  /** When PM2 last counted a restart of it, or it was first seen. */
  changedAt: number;
  reason: LostEvidence | null;
  lookedAt: number;
  isLooking: boolean;
  hasLooked: boolean;
}

/** A restart of ours, and the connection over which a stop by the operator would have been heard since. */
interface Own {
  readonly connection: number | null;
}

/** One whose start failed: what PM2 answered, and when (monotonic). */
interface Failed extends Own {
  readonly said: string;
  readonly endedAt: number;
}

/** When PM2 was asked for the list, when it came, and whether the operator has stopped the app by then. */
interface Listed {
  readonly askedAt: number;
  readonly now: number;
  readonly isOperatorStop: boolean;
}

/** An app that was seen to run: PM2's count of its restarts then, and the connection as of `Own`. */
interface Run {
  readonly connection: number | null;
  readonly restarts: number;
}

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
  readonly #failed = new Map<number, Failed>();
  readonly #runs = new Map<number, Run>();

  constructor(deps: LostAppsDeps) {
    this.#deps = deps;
  }

  /** The observation of a process that PM2 lost; any other is given back as it is. */
  pass(process: ManagedProcess, observation: Observation, listed: Listed): Observation {
    const { pmId, status } = process;
    const { isOperatorStop, now } = listed;
    this.#follow(process, listed);
    const loss = this.#lossOf(process, isOperatorStop);
    const isOurs = status === 'stopped' && !isOperatorStop && this.#flights.has(pmId);
    if (loss === null) {
      this.#suspects.delete(pmId);
      if (!isOurs || process.isCluster) return observation;
    }
    const inWork = { ...observation, status: 'transit', pid: 0, incarnation: null } as const;
    if (loss === null) return inWork;
    const suspect = this.#suspectOf(process, loss, now);
    this.#look(process, suspect, now);
    const { reason } = suspect;
    if (reason === null && suspect.isInDoubt) {
      return suspect.hasLooked ? observation : inWork;
    }
    const since = now - provenFrom(process, suspect);
    if (since < (reason === null ? UNPROVEN_MS : PROVEN_MS[loss])) return inWork;
    return {
      ...inWork,
      status: 'lost',
      lost: {
        ...(reason ?? { detail: 'PM2 could not start it', missing: null }),
        ...(loss === 'deadEnd' && { isDeadEnd: true }),
        entry: entryIdOf(process),
      },
    };
  }

  /** A restart of ours begins. */
  begin(pmId: number): void {
    this.#flights.set(pmId, { connection: this.#deps.busConnection() });
  }

  /** A restart of ours was over at `endedAt`; `said` is PM2's answer. */
  end(pmId: number, result: ActionResult, said: string, endedAt: number): void {
    const flight = this.#flights.get(pmId);
    this.#flights.delete(pmId);
    if (result === 'skipped') return;
    this.#suspects.delete(pmId);
    const isFailed = result === 'failed' && START_FAILED.test(said);
    if (flight && isFailed) this.#failed.set(pmId, { ...flight, said, endedAt });
  }

  forget(pmId: number): void {
    this.#suspects.delete(pmId);
    this.#flights.delete(pmId);
    this.#failed.delete(pmId);
    this.#runs.delete(pmId);
  }

  /** Keeps what proves a failed restart, as long as nobody can have stopped the app unheard. */
  #follow(
    { pmId, pid, status, restarts }: ManagedProcess,
    { askedAt, isOperatorStop }: Listed,
  ): void {
    const own = this.#failed.get(pmId);
    // A list that was requested before the restart was over may still have the app of before.
    const isUpSince = status !== 'stopped' && own !== undefined && askedAt > own.endedAt;
    if (isUpSince || isOperatorStop) this.#failed.delete(pmId);
    const connection = this.#deps.busConnection();
    const run = this.#runs.get(pmId);
    if (status === 'online' && pid > 0 && !isOperatorStop) {
      const isKnown = run?.restarts === restarts && run.connection === connection;
      if (!isKnown) this.#runs.set(pmId, { connection, restarts });
    } else if (run && (isOperatorStop || !isHeard(run, connection))) this.#runs.delete(pmId);
    if (own && !isHeard(own, connection)) this.#failed.delete(pmId);
  }

  #lossOf(process: ManagedProcess, isOperatorStop: boolean): Loss | null {
    const { pmId, status, restarts } = process;
    const loss = lossIn(process);
    if (isOperatorStop && status !== 'online' && status !== 'waiting restart') return null;
    if (loss !== null || status !== 'stopped' || process.isCluster) return loss;
    if (this.#failed.has(pmId)) return 'failed';
    if (this.#flights.has(pmId)) return null;
    // PM2 counts a restart before it starts the app again: its watcher, cron, memory limit, or a person.
    const run = this.#runs.get(pmId);
    return run !== undefined && restarts > run.restarts ? 'failed' : null;
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
      loss,
      isInDoubt: needsReason(loss, this.#failed.has(pmId)),
      firstSeenAt: now,
      firstRestarts: restarts,
      restarts,
      changedAt: now,
      reason: null,
      lookedAt: Number.NEGATIVE_INFINITY,
      isLooking: false,
      hasLooked: false,
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
    const found = await this.#reasonNow(process, suspect);
    Object.assign(suspect, { isLooking: false, hasLooked: true, reason: found });
    const isNews = found?.detail !== reason?.detail || found?.missing !== reason?.missing;
    if (isNews) this.#deps.onNews();
  }

  /** While something is missing, only that is checked. */
  async #reasonNow(process: ManagedProcess, suspect: Suspect): Promise<LostEvidence | null> {
    const { findReason, isMissing } = this.#deps;
    const { reason: known, loss, isInDoubt } = suspect;
    const missing = known?.missing ?? null;
    if (missing !== null && (await isMissing(process, missing))) return known;
    const said = this.#failed.get(process.pmId)?.said ?? '';
    const mustHaveFailed = isInDoubt && loss === 'failed' && known === null;
    const found = await findReason(process, said, mustHaveFailed);
    // A program that PM2 could start is not lost, even if its log has a failed start.
    if (loss === 'givenUp' && known === null && found?.missing === null) return null;
    return found ?? (known && { ...known, missing: null });
  }
}

/** True where a stop by the operator would have been heard all the time since. */
function isHeard(since: Own | Run, connection: number | null): boolean {
  return since.connection !== null && since.connection === connection;
}

/** From when on the entry cannot be PM2's work in progress any more. */
function provenFrom(process: ManagedProcess, suspect: Suspect): number {
  const { loss, firstSeenAt, firstRestarts, changedAt } = suspect;
  // PM2 counts the restart as its timer fires.
  if (loss !== 'timer' || suspect.restarts > firstRestarts) return changedAt;
  return firstSeenAt + restartDelayOf(process);
}
