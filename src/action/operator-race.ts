import type { BusEvent } from '../pm2/bus-event.ts';
import type { Pm2Client } from '../pm2/client.ts';
import { incarnationOf, type ManagedProcess } from '../pm2/process.ts';
import type { Clock } from '../time/clock.ts';
import { entryOf, type RestartOrder } from './restart-order.ts';

/** What an operator asked of the app while we restarted it; a delete outweighs a stop. */
export type OperatorIntent = 'stop' | 'delete';

/** PM2 starts the app within milliseconds of its end; the list is read no longer than this. */
const DOWN_MS = 1_000;
const LOOK_MS = 3;

/**
 * How often PM2 reports the end of an incarnation that our restart ends: once as the process exits,
 * once as its stop is done. Each further report is somebody else's stop that waited for the same end.
 */
const OWN_EXITS = 2;

/** What PM2 says on its bus when somebody started an app. */
const STARTS: ReadonlySet<string> = new Set(['start', 'restart', 'reload', 'graceful reload']);

/** Where the race stands. */
type Stage =
  /** Our call runs: PM2's events are counted, and its list is read while the app is down. */
  | {
      readonly name: 'calling';
      /** The first incarnation that ended, by its start, and how often PM2 reported its end. */
      readonly ended: { readonly startedAt: number; readonly exits: number } | null;
      /** A new incarnation is there: an end that is reported now may be its own. */
      readonly hasBegun: boolean;
      readonly isDown: boolean;
      /** While it was down, PM2's list did not have the app. */
      readonly wasMissing: boolean;
    }
  /** Our call is over, and PM2's list was not read since. */
  | { readonly name: 'answered' }
  /** PM2's list showed what our call began; null where the app has gone. */
  | { readonly name: 'seen'; readonly begun: ManagedProcess | null; readonly exits: number };

/**
 * Watches one restart of ours for an operator's stop or delete that crosses it (FACTS, "PM2: restart by status"): PM2 answers
 * both calls with ok, and the app ends online. PM2 reports a lost stop on its bus; a lost delete only
 * where the app was back before the operator's program said so. For the rest there are two traces. A
 * delete that came while PM2 ended the old incarnation shows as one exit too many. One that came later
 * takes the app out of the list, which is read while the app is down.
 */
export class OperatorRace {
  readonly #order: RestartOrder;
  readonly #pm2: Pm2Client;
  readonly #clock: Clock;
  readonly #unsubscribe: () => void;
  /** How often PM2 had restarted the app before; null where that is not known. */
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

  /** The process that our call began; null where there is none, or the list was not read since. */
  get begun(): ManagedProcess | null {
    return this.#stage.name === 'seen' ? this.#stage.begun : null;
  }

  /** Null while nobody wants anything else than we do. */
  get intent(): OperatorIntent | null {
    return this.#intent;
  }

  /**
   * Our call is over: from now on PM2's list shows what became of it. Where PM2 did not answer the
   * call, the app may have been missing because PM2 itself was. Throws what PM2's list throws.
   */
  async mark(isDone: boolean): Promise<void> {
    const { exits, wasMissing } = this.#soFar();
    this.#stage = { name: 'answered' };
    if (isDone && wasMissing) this.#want('delete');
    this.#stage = { name: 'seen', begun: await this.#listed(), exits };
  }

  /**
   * PM2 reports nothing more. It would have reported a stop by now, so an incarnation that somebody
   * beside us had ended was to be deleted. Where PM2 counted more than our one restart, it restarted
   * the app twice itself: so it does where its tree kill cannot start `ps`.
   */
  conclude(): void {
    const stage = this.#stage;
    const before = this.#restartsBefore;
    if (stage.name !== 'seen' || before === null || this.#intent !== null) return;
    if (stage.begun?.restarts === before + 1 && stage.exits > OWN_EXITS) this.#want('delete');
  }

  /** Waits `ms`, or until there is an intent. */
  async wait(ms: number): Promise<void> {
    await this.#clock.sleep(ms, this.#heard.signal);
  }

  /**
   * Makes the operator's intent come true: true where PM2 had to be called once more. An app that
   * somebody has started again since is left alone. May throw what PM2 throws.
   */
  async enforce(): Promise<boolean> {
    const intent = this.#intent;
    const stage = this.#stage;
    // Without the incarnation that we began, one that somebody began since looks the same.
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
   * A new incarnation may end before PM2 has called it online: with `wait_ready`, PM2 6 does not
   * where it dies first, and its end would look like a third one of the old incarnation.
   */
  #countExit(startedAt: number | null): void {
    const stage = this.#stage;
    if (stage.name !== 'calling' || stage.hasBegun || startedAt === null) return;
    const ended = stage.ended ?? { startedAt, exits: 0 };
    if (startedAt !== ended.startedAt) return;
    this.#stage = { ...stage, ended: { startedAt, exits: ended.exits + 1 } };
  }

  /** Somebody has started the app since: PM2 reports our own call only when it is over. */
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

  /** A reload, by us or by others, takes the id out of the list for a moment itself. */
  #isCluster(): boolean {
    const { method } = this.#order;
    const known = this.#lastKnown();
    return method === 'reload' || known === undefined || known.isCluster;
  }

  /** The app as PM2 listed it last. */
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

  /** The app as PM2 lists it now; null where it has gone. */
  async #listed(): Promise<ManagedProcess | null> {
    return entryOf(this.#order, await this.#pm2.list()) ?? null;
  }
}

function isSame(process: ManagedProcess, other: ManagedProcess | null): boolean {
  return other !== null && incarnationOf(process) === incarnationOf(other);
}
