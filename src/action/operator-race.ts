import type { BusEvent } from '../pm2/bus-event.ts';
import type { Pm2Client } from '../pm2/client.ts';
import { incarnationOf, type ManagedProcess } from '../pm2/process.ts';
import type { Clock } from '../time/clock.ts';
import { entryOf, type RestartOrder } from './restart-order.ts';

/** What an operator asked of the app while we restarted it; a delete outweighs a stop. */
export type OperatorIntent = 'stop' | 'delete';

/** PM2 starts the app within milliseconds of its end; looked for no longer than this. */
const DOWN_MS = 1_000;
const LOOK_MS = 3;

/**
 * How often PM2 tells the end of a life that our restart ends: once as the process exits, once as
 * its stop is done. Each further time is the stop of somebody else, waiting for the same end.
 */
const OWN_EXITS = 2;

/** What PM2 says on its bus when somebody had an app started. */
const STARTS: ReadonlySet<string> = new Set(['start', 'restart', 'reload', 'graceful reload']);

/**
 * Watches over one restart of ours for an operator's stop or delete that crosses it (FACTS): both
 * calls are answered with ok, and the app ends online. PM2 tells of a lost stop on its bus; of a lost
 * delete only where the app was back before the operator's program said so. For the rest there are
 * two traces. One that came while PM2 ended the old life shows as one exit too many. One that came
 * later takes the app out of the list, which is looked at while the app is down.
 */
export class OperatorRace {
  readonly #order: RestartOrder;
  readonly #pm2: Pm2Client;
  readonly #clock: Clock;
  readonly #unsubscribe: () => void;
  #heard = new AbortController();
  #intent: OperatorIntent | null = null;
  /** The life that our restart began, as far as PM2 has one; undefined until looked. */
  #begun: string | null | undefined;
  #isActing = true;
  #isDown = false;
  #wasMissing = false;
  /** When the life began that was the first to end, and how often its end was told. */
  #endedLife: number | null = null;
  #exits = 0;
  #hasBegun = false;
  /** How often PM2 had restarted the app before; null where it is not known. */
  readonly #restartsBefore: number | null;
  #restartsAfter: number | null = null;

  constructor(order: RestartOrder, pm2: Pm2Client, clock: Clock) {
    this.#order = order;
    this.#pm2 = pm2;
    this.#clock = clock;
    this.#restartsBefore = this.#lastKnown()?.restarts ?? null;
    this.#unsubscribe = pm2.onEvent((event) => this.#hear(event));
  }

  /** Null as long as nobody wanted anything else than we do. */
  get intent(): OperatorIntent | null {
    return this.#intent;
  }

  /**
   * Our call is over: from now on PM2's list tells what became of it. Where PM2 did not answer the
   * call, the app may have been missing because PM2 itself was.
   */
  async mark(isDone: boolean): Promise<void> {
    this.#isActing = false;
    this.#isDown = false;
    if (isDone && this.#wasMissing) this.#want('delete');
    const process = await this.#listed();
    this.#begun = process && incarnationOf(process);
    this.#restartsAfter = process?.restarts ?? null;
  }

  /**
   * Nothing more will be told. A stop would have been by now, so that a life which somebody beside
   * us had ended was to be deleted. Where PM2 counted more than our one restart, it was PM2 that did
   * it twice: so it does where its tree kill cannot start `ps`.
   */
  conclude(): void {
    const before = this.#restartsBefore;
    const isOurs = before !== null && this.#restartsAfter === before + 1;
    if (this.#intent === null && isOurs && this.#exits > OWN_EXITS) this.#want('delete');
  }

  /** Waits this long for an intent, or until there is one. */
  async wait(ms: number): Promise<void> {
    await this.#clock.sleep(ms, this.#heard.signal);
  }

  /**
   * Sees to it that the operator's intent comes true: true where PM2 had to be told once more. An app
   * that somebody has started anew since is left alone. May throw what PM2 throws.
   */
  async heed(): Promise<boolean> {
    const intent = this.#intent;
    // Without the life that we began there is no telling it from one that somebody began since.
    if (intent === null || this.#begun === undefined) return false;
    this.#intent = null;
    this.#exits = 0;
    this.#heard = new AbortController();
    const process = await this.#listed();
    const isUp = process?.status === 'online' || process?.status === 'launching';
    const isAnew = process && incarnationOf(process) !== this.#begun;
    if (!process || !isUp || isAnew) return false;
    await this.#pm2[intent](process);
    return true;
  }

  /** Ends the watch. Idempotent. */
  close(): void {
    this.#isDown = false;
    this.#heard.abort();
    this.#unsubscribe();
  }

  #hear({ event, manually, pmId, startedAt }: BusEvent): void {
    if (pmId !== this.#order.pmId) return;
    if (manually && this.#isActing && STARTS.has(event)) this.#forget();
    if (manually && event === 'delete') this.#want('delete');
    if (manually && event === 'stop') this.#want('stop');
    if (event === 'online') this.#online();
    if (event === 'exit' && this.#isActing && !this.#isCluster()) {
      this.#count(startedAt);
      void this.#lookWhileDown();
    }
  }

  /**
   * A new life may end before PM2 has called it online: PM2 6 does not where one with `wait_ready`
   * dies first, and its end would look like a third one of the old life.
   */
  #count(startedAt: number | null): void {
    if (this.#hasBegun || startedAt === null) return;
    this.#endedLife ??= startedAt;
    if (startedAt === this.#endedLife) this.#exits += 1;
  }

  #online(): void {
    this.#isDown = false;
    this.#hasBegun = true;
  }

  /** Somebody has started the app since: our own call is told of only when it is over. */
  #forget(): void {
    this.#intent = null;
    this.#wasMissing = false;
    this.#endedLife = null;
    this.#exits = 0;
    this.#heard = new AbortController();
  }

  #want(intent: OperatorIntent): void {
    if (this.#intent !== 'delete') this.#intent = intent;
    this.#heard.abort();
  }

  /** A reload, whoever asks for it, takes the id out of the list for a moment itself. */
  #isCluster(): boolean {
    const { method } = this.#order;
    const known = this.#lastKnown();
    return method === 'reload' || known === undefined || known.isCluster;
  }

  /** The app as PM2 listed it last. */
  #lastKnown(): ManagedProcess | undefined {
    return this.#pm2.last().find(({ pmId }) => pmId === this.#order.pmId);
  }

  /** Never rejects. */
  async #lookWhileDown(): Promise<void> {
    if (this.#isDown) return;
    this.#isDown = true;
    const deadline = this.#clock.now() + DOWN_MS;
    while (this.#isDown && this.#clock.now() < deadline) {
      try {
        this.#wasMissing = entryOf(this.#order, await this.#pm2.list()) === undefined;
      } catch {
        return;
      }
      if (this.#wasMissing) return;
      await this.#clock.sleep(LOOK_MS);
    }
  }

  /** The app as PM2 lists it now; null where it has gone. */
  async #listed(): Promise<ManagedProcess | null> {
    return entryOf(this.#order, await this.#pm2.list()) ?? null;
  }
}
