import type { BusEvent } from '../pm2/bus-event.ts';
import type { Pm2Client } from '../pm2/client.ts';
import { incarnationOf, type ManagedProcess } from '../pm2/process.ts';
import type { Clock } from '../time/clock.ts';
import { entryOf, type RestartOrder } from './restart-order.ts';

/** What an operator did to the app while we restarted it. A delete counts more than a stop. */
type OperatorIntent = 'stop' | 'delete';

/** PM2 starts the app milliseconds after its exit. The list is read for this time at most. */
const DOWN_MS = 1_000;
const LOOK_MS = 3;

/**
 * How often PM2 reports the exit of an incarnation that our restart stops: once when the process exits,
 * once when its stop is done. Each further report belongs to another stop, which waited for the same
 * exit.
 */
const OWN_EXITS = 2;

/** The events on PM2's bus after a start of an app. */
const STARTS: ReadonlySet<string> = new Set(['start', 'restart', 'reload', 'graceful reload']);

/** The stages of a race. */
type Stage =
  /** Our call runs: PM2's events are counted, and its list is read while the app is down. */
  | {
      readonly name: 'calling';
      /** The first incarnation that exited, by its start time, and how often PM2 reported its exit. */
      readonly ended: { readonly startedAt: number; readonly exits: number } | null;
      /** True where a new incarnation is there: an exit that is reported now may be its own. */
      readonly hasBegun: boolean;
      readonly isDown: boolean;
      /** True where PM2's list lacked the app while it was down. */
      readonly wasMissing: boolean;
    }
  /** Our call is over, and PM2's list was not read since then. */
  | { readonly name: 'answered' }
  /** PM2's list showed the process that our call started; null where the app is gone. */
  | { readonly name: 'seen'; readonly begun: ManagedProcess | null; readonly exits: number };

/**
 * Watches one restart of ours for an operator's stop or delete that crosses it (FACTS, "PM2: restart by
 * status"): PM2 answers both calls with ok, and the app is online afterwards. PM2 reports a lost stop on
 * its bus, but a lost delete only where the app was back before the operator's program reported it. Other
 * deletes leave two traces. A delete while PM2 stopped the old incarnation shows as one exit too many. A
 * later one takes the app out of the list, which is read while the app is down.
 */
export class OperatorRace {
  readonly #order: RestartOrder;
  readonly #pm2: Pm2Client;
  readonly #clock: Clock;
  readonly #unsubscribe: () => void;
  /** How often PM2 had restarted the app before; null where not known. */
  readonly #restartsBefore: number | null;
  #intent: OperatorIntent | null = null;
  /** Aborted as soon as there is an intent. */
  #heard = new AbortController();
  #stage: Stage = {
    name: 'calling',
    ended: null,
    hasBegun: false,
    isDown: false,
    wasMissing: false,
  };

  constructor(order: RestartOrder, pm2: Pm2Client, clock: Clock) {
    this.#order = order;
    this.#pm2 = pm2;
    this.#clock = clock;
    this.#restartsBefore = this.#lastKnown()?.restarts ?? null;
    this.#unsubscribe = pm2.onEvent((event) => this.#onEvent(event));
  }

  /** The process that our call started; null where there is none, or the list was not read since. */
  get begun(): ManagedProcess | null {
    return this.#stage.name === 'seen' ? this.#stage.begun : null;
  }

  /** The operator's stop or delete; null while there is none. */
  get intent(): OperatorIntent | null {
    return this.#intent;
  }

  /**
   * Notes that our call is over: from now on PM2's list shows its result. Where PM2 did not answer the
   * call (`isDone` false), the app may have been missing only because PM2 was. Throws what reading PM2's
   * list throws.
   */
  async mark(isDone: boolean): Promise<void> {
    const { exits, wasMissing } = this.#soFar();
    this.#stage = { name: 'answered' };
    if (isDone && wasMissing) this.#want('delete');
    this.#stage = { name: 'seen', begun: await this.#listed(), exits };
  }

  /**
   * Concludes from the reports, when PM2 reports nothing more. A stop would be reported by now, so one
   * exit too many was a delete. Where PM2 counted more than our one restart, it restarted the app twice
   * itself, because its tree kill could not start `ps`, and nothing follows.
   */
  conclude(): void {
    const stage = this.#stage;
    const before = this.#restartsBefore;
    if (stage.name !== 'seen' || before === null || this.#intent !== null) return;
    if (stage.begun?.restarts === before + 1 && stage.exits > OWN_EXITS) this.#want('delete');
  }

  /** Waits `ms`, or less where an intent shows. */
  async wait(ms: number): Promise<void> {
    await this.#clock.sleep(ms, this.#heard.signal);
  }

  /**
   * Carries out the operator's intent; true where PM2 had to be called once more. An app that somebody
   * has started again since is left alone. Throws what PM2 throws.
   */
  async enforce(): Promise<boolean> {
    const intent = this.#intent;
    const stage = this.#stage;
    // Without the incarnation that we started, one that somebody started since looks the same.
    if (intent === null || stage.name !== 'seen') return false;
    this.#intent = null;
    this.#heard = new AbortController();
    this.#stage = { ...stage, exits: 0 };
    const process = await this.#listed();
    const isUp = process?.status === 'online' || process?.status === 'launching';
    if (!process || !isUp || !isSame(process, stage.begun)) return false;
    await this.#pm2[intent](process);
    return true;
  }

  /** Ends the watch. Idempotent. */
  close(): void {
    if (this.#stage.name === 'calling') this.#stage = { ...this.#stage, isDown: false };
    this.#heard.abort();
    this.#unsubscribe();
  }

  #onEvent({ event, manually, pmId, startedAt }: BusEvent): void {
    if (pmId !== this.#order.pmId) return;
    if (manually && STARTS.has(event)) this.#forget();
    if (manually && event === 'delete') this.#want('delete');
    if (manually && event === 'stop') this.#want('stop');
    const stage = this.#stage;
    if (stage.name !== 'calling') return;
    if (event === 'online') this.#stage = { ...stage, isDown: false, hasBegun: true };
    if (event === 'exit' && !this.#isCluster()) {
      this.#countExit(startedAt);
      void this.#lookWhileDown();
    }
  }

  /**
   * A new incarnation may exit before PM2 calls it online. With `wait_ready` PM2 6 then never does, and
   * this exit would look like a third one of the old incarnation.
   */
  #countExit(startedAt: number | null): void {
    const stage = this.#stage;
    if (stage.name !== 'calling' || stage.hasBegun || startedAt === null) return;
    const ended = stage.ended ?? { startedAt, exits: 0 };
    if (startedAt !== ended.startedAt) return;
    this.#stage = { ...stage, ended: { startedAt, exits: ended.exits + 1 } };
  }

  /**
   * Forgets the intent: somebody has started the app since. PM2 reports our own start only when our call
   * is over.
   */
  #forget(): void {
    if (this.#stage.name !== 'calling') return;
    this.#intent = null;
    this.#heard = new AbortController();
    this.#stage = { ...this.#stage, ended: null, wasMissing: false };
  }

  #want(intent: OperatorIntent): void {
    if (this.#intent !== 'delete') this.#intent = intent;
    this.#heard.abort();
  }

  #soFar(): { readonly exits: number; readonly wasMissing: boolean } {
    const stage = this.#stage;
    if (stage.name !== 'calling') return { exits: 0, wasMissing: false };
    return { exits: stage.ended?.exits ?? 0, wasMissing: stage.wasMissing };
  }

  /** True in cluster mode, where any reload takes the id out of the list for a moment. */
  #isCluster(): boolean {
    const { method } = this.#order;
    const known = this.#lastKnown();
    return method === 'reload' || known === undefined || known.isCluster;
  }

  /** The app in PM2's last list. */
  #lastKnown(): ManagedProcess | undefined {
    return this.#pm2.last().find(({ pmId }) => pmId === this.#order.pmId);
  }

  /** Reads PM2's list again and again until the app is up, or missing. Never rejects. */
  async #lookWhileDown(): Promise<void> {
    if (this.#stage.name !== 'calling' || this.#stage.isDown) return;
    this.#stage = { ...this.#stage, isDown: true };
    const deadline = this.#clock.now() + DOWN_MS;
    while (this.#isDown() && this.#clock.now() < deadline) {
      let wasMissing: boolean;
      try {
        wasMissing = entryOf(this.#order, await this.#pm2.list()) === undefined;
      } catch {
        return;
      }
      // Read again: events came while PM2 answered.
      const stage: Stage = this.#stage;
      if (stage.name === 'calling') this.#stage = { ...stage, wasMissing };
      if (wasMissing) return;
      await this.#clock.sleep(LOOK_MS);
    }
  }

  #isDown(): boolean {
    return this.#stage.name === 'calling' && this.#stage.isDown;
  }

  /** The app in PM2's list now; null where it is gone. */
  async #listed(): Promise<ManagedProcess | null> {
    return entryOf(this.#order, await this.#pm2.list()) ?? null;
  }
}

function isSame(process: ManagedProcess, other: ManagedProcess | null): boolean {
  return other !== null && incarnationOf(process) === incarnationOf(other);
}
