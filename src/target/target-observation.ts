import type { Pm2Client } from '../pm2/client.ts';
import type { Clock } from '../time/clock.ts';
import type { ActionResult } from '../verdict/event.ts';
import {
  observeCluster,
  type ClusterIncarnation,
  type ClusterObservation,
} from './cluster-observation.ts';
import type { Target } from './grouping.ts';
import { LostApps, type LostAppsDeps } from './lost-apps.ts';
import { observationOf, type Observation } from './observation.ts';
import { Pm2Waits } from './pm2-wait.ts';
import type { ReadyWatch } from './ready-watch.ts';
import { StopDebounce } from './stop-debounce.ts';

/** PM2 has been stopping a process for long (see `Pm2Waits`); `now` is monotonic. */
export interface LongStop {
  readonly type: 'stopping';
  readonly app: Observation;
  readonly now: number;
}

/** What observing takes from others. */
export interface TargetObserverDeps {
  readonly clock: Clock;
  readonly pm2: Pick<Pm2Client, 'busConnection'>;
  /** How it is found out why PM2 could not start an app. */
  readonly lostLook: Pick<LostAppsDeps, 'findReason' | 'isMissing'>;
  /** Who sent PM2 its ready message. */
  readonly ready: Pick<ReadyWatch, 'waitOf' | 'forget'>;
  readonly emit: (event: LongStop) => void;
}

/** The end of a restart of ours; `detail` is a line for people. */
interface Execution {
  readonly result: ActionResult;
  readonly detail: string;
}

/** What PM2 says of targets: an end is believed only when it stands, and told from a loss. */
export class TargetObserver {
  readonly #clock: Clock;
  readonly #stops = new StopDebounce();
  readonly #lost: LostApps;
  readonly #waits: Pm2Waits;
  readonly #ready: TargetObserverDeps['ready'];

  /** `onNews` is called where the next list shows something new. */
  constructor({ clock, pm2, lostLook, ready, emit }: TargetObserverDeps, onNews: () => void) {
    this.#clock = clock;
    const busConnection = (): number | null => pm2.busConnection();
    this.#lost = new LostApps({ ...lostLook, busConnection, onNews });
    this.#waits = new Pm2Waits((app, now) => emit({ type: 'stopping', app, now }));
    this.#ready = ready;
  }

  /** `askedAt` is when PM2 was asked for the list that the target is from. */
  observe(
    { processes, instance, isCluster }: Target,
    before: ClusterIncarnation | null,
    askedAt: number,
  ): ClusterObservation {
    const now = this.#clock.now();
    const members = processes.map((process) => {
      const isStarted = process.status === 'online' || process.status === 'launching';
      if (isStarted) this.#stops.started(process.pmId, askedAt);
      const seen = this.#stops.pass(observationOf(process, this.#clock), now);
      const isOperatorStop = this.#stops.isByOperator(process.pmId);
      const known = this.#lost.pass(process, seen, {
        askedAt,
        now,
        isOperatorStop,
      });
      const unready = this.#ready.waitOf(process);
      const app = { ...known, instance, ...(unready && { pm2Wait: unready }) };
      return this.#waits.pass(process, app, now);
    });
    const [alone] = members;
    return isCluster || alone === undefined
      ? observeCluster(members, before)
      : { observation: alone, incarnation: null };
  }

  /**
   * Issues a restart of ours, and follows it to its end; skips it where the operator's stop was heard after it was
   * decided, or before the list that shows it has come.
   */
  async execute(pmId: number, issue: () => Promise<Execution>): Promise<Execution> {
    if (this.#stops.isByOperator(pmId)) {
      return { result: 'skipped', detail: 'the operator stopped it' };
    }
    this.#lost.begin(pmId);
    try {
      const ended = await issue();
      this.#lost.end(pmId, ended.result, ended.detail, this.#clock.now());
      return ended;
    } catch (error) {
      this.#lost.end(pmId, 'skipped', '', this.#clock.now());
      throw error;
    }
  }

  /** See `StopDebounce`. */
  believe(pmId: number): void {
    this.#stops.believe(pmId, this.#clock.now());
  }

  isPending(now: number): boolean {
    return this.#stops.isPending(now);
  }

  forget(pmId: number): void {
    this.#stops.forget(pmId);
    this.#lost.forget(pmId);
    this.#waits.forget(pmId);
    this.#ready.forget(pmId);
  }
}
