import type { Files } from '../store/files.ts';
import { Saver } from '../store/saver.ts';
import type { Log } from '../report/log.ts';
import type { ChannelStatus } from '../report/notify-status.ts';
import type { MonitorEvent } from '../report/worker-events.ts';
import type { Clock } from '../time/clock.ts';
import type { DiskQueue } from '../time/disk-queue.ts';
import { WakeableSleep } from '../time/wakeable-sleep.ts';
import type { Channel } from './channel/channel.ts';
import type { PlanFacts } from './contract/facts.ts';
import type { Ledger } from './contract/ledger.ts';
import { firingNotice } from './contract/notice-of.ts';
import { mergeLedgers } from './contract/merge-ledger.ts';
import { plan } from './contract/plan.ts';
import { CurrentFacts, NO_FACTS, type Facts, type FactSources } from './current-facts.ts';
import { deedOf, endOf } from './event-facts.ts';
import { Deliveries } from './outbox/deliveries.ts';
import type { OutboxDocument, ReadOutbox } from './outbox/outbox-file.ts';
import { channelIdsOf } from './outbox/rename-channels.ts';
import { OutboxStore } from './outbox/outbox-store.ts';

/** What a notifier uses. */
export interface NotifierDeps extends FactSources {
  /** PM2_HOME/pm2-liveness. */
  readonly dir: string;
  readonly clock: Clock;
  readonly disk: DiskQueue;
  readonly files?: Files;
  readonly log: Log;
  readonly channels: readonly Channel[];
  /** The host's name, as messages give it. */
  readonly host: string;
}

/** While something is open or waits, it looks this often; else only that often. */
const [BUSY_MS, IDLE_MS] = [1_000, 60_000];

/**
 * Tells people of incidents (DESIGN §15). It hears the same events as the log, and never delays them: what is to be
 * sent is written to disk, then sent by one delivery for each channel.
 */
export class Notifier {
  readonly #deps: NotifierDeps;
  readonly #store: OutboxStore;
  readonly #saver: Saver;
  readonly #deliveries: Deliveries;
  readonly #sleep = new WakeableSleep();
  #ledger: Ledger;
  /** What of the ledger is on disk, or on its way. */
  #savedGist: string;
  #warning: string | null;
  readonly #current: CurrentFacts;
  #isStopped = false;

  private constructor({ document, warning }: ReadOutbox, store: OutboxStore, deps: NotifierDeps) {
    this.#deps = deps;
    this.#store = store;
    this.#ledger = document.ledger;
    this.#savedGist = gistOf(document.ledger);
    this.#warning = warning;
    this.#current = new CurrentFacts(deps.clock, deps);
    this.#deliveries = new Deliveries(document.queues, {
      ...deps,
      save: () => this.#save(),
      firing: (channel) => firingNotice(this.#ledger, channel, this.#moment()),
    });
    this.#saver = new Saver({
      clock: deps.clock,
      write: () => store.write(() => this.#document()),
      tell: (reason) => reportSaving(deps.log, reason),
    });
  }

  /** Reads what an earlier monitor left; only for the holder of the lock. Never rejects. */
  static async open(deps: NotifierDeps): Promise<Notifier> {
    const store = new OutboxStore(deps);
    const read = await store.open();
    if (read.warning !== null) deps.log.line('warn', read.warning);
    const notifier = new Notifier(read, store, deps);
    store.whenLate((late) => notifier.#restore(late));
    return notifier;
  }

  /** Begins to send, and to look at the apps. */
  start(): void {
    this.#deliveries.start();
    // Before a write it is read: tried again until it could be.
    if (!this.#store.isRead) this.#saver.scheduleSave();
    void this.#run();
  }

  /** What was wrong with the file; null where nothing was. */
  get warning(): string | null {
    return this.#warning;
  }

  /** How each channel does. */
  status(): readonly ChannelStatus[] {
    return this.#deliveries.status();
  }

  /** Takes over an event of the monitor or a worker. */
  onEvent(event: MonitorEvent): void {
    if (this.#isStopped) return;
    if (event.type === 'executed') {
      const deed = deedOf(event, this.#deps.clock);
      if (deed !== null) this.#plan({ ...NO_FACTS, deeds: [deed] });
    } else if (event.type === 'decision') {
      this.#onDecision(event);
    }
  }

  #onDecision({ view, decision }: Extract<MonitorEvent, { type: 'decision' }>): void {
    if (decision.type === 'incidentOpened') {
      const incident = { ...view, verdict: { ...view.verdict, incident: decision.incident } };
      const fact = this.#current.incidentOf(incident);
      if (fact !== null) this.#plan({ ...NO_FACTS, open: [fact] });
    } else if (decision.type === 'incidentResolved') {
      const ended = endOf(view, decision, this.#deps.clock);
      if (ended !== null) this.#plan({ ...NO_FACTS, ended: [ended] });
    } else return;
    this.#sleep.wake();
  }

  /** Writes what is known, and stops; what was not sent waits for the next monitor. Never rejects. */
  async close(): Promise<void> {
    if (this.#isStopped) return;
    this.#halt();
    await this.#deliveries.stop();
    await this.#saver.flush();
    await this.#saver.stop();
  }

  /** Stops without another write: another monitor has the file now. */
  async abandon(): Promise<void> {
    this.#halt();
    await Promise.all([this.#saver.stop(), this.#deliveries.stop()]);
  }

  /** Takes over what a disk that hung at the start has given now. */
  #restore({ document, warning }: ReadOutbox): void {
    if (this.#isStopped) return;
    const { log } = this.#deps;
    this.#warning = warning;
    if (warning !== null) log.line('warn', warning);
    else log.line('info', 'the disk answers again: the messages that waited are sent');
    this.#ledger = mergeLedgers(document.ledger, this.#ledger);
    this.#deliveries.restore(document.queues, this.#deps.clock.wall());
    this.#saver.scheduleSave();
    this.#sleep.wake();
  }

  #halt(): void {
    this.#isStopped = true;
    this.#sleep.wake();
  }

  async #run(): Promise<void> {
    const { clock } = this.#deps;
    while (!this.#isStopped) {
      this.#plan(this.#current.look(this.#ledger));
      await this.#sleep.sleep(this.#waitMs(), clock);
    }
  }

  #waitMs(): number {
    const { entries, ended } = this.#ledger;
    return entries.length === 0 && ended.length === 0 ? IDLE_MS : BUSY_MS;
  }

  #plan(facts: Facts): void {
    const whole = { ...facts, ...this.#moment() };
    const { ledger, outgoing } = plan(this.#ledger, whole, this.#deps.channels);
    this.#ledger = ledger;
    for (const { channel, notice } of outgoing) this.#deliveries.add(channel, notice);
    const gist = gistOf(ledger);
    if (gist === this.#savedGist && outgoing.length === 0) return;
    this.#savedGist = gist;
    this.#deliveries.onLedger();
    this.#saver.scheduleSave();
  }

  #moment(): Pick<PlanFacts, 'now' | 'host'> {
    return { now: this.#deps.clock.wall(), host: this.#deps.host };
  }

  async #save(): Promise<void> {
    await this.#saver.flush();
  }

  #document(): OutboxDocument {
    const channels = channelIdsOf(this.#deps.channels);
    return { schemaVersion: 1, channels, ledger: this.#ledger, queues: this.#deliveries.queues() };
  }
}

/** What is worth a write: all but the words, which change with every check. */
function gistOf({ entries, ended, tombstones }: Ledger): string {
  return JSON.stringify([
    entries.map((each) => [
      each.key,
      each.incident,
      each.cause,
      each.severity,
      each.dueAt,
      each.sentTo,
      each.remindedAt,
      each.restarts,
      each.done.length,
      each.isHeld,
      each.goneSince === null,
    ]),
    ended.map(({ entry, event, dueAt }) => [entry.key, entry.incident, event, dueAt]),
    tombstones.length,
  ]);
}

function reportSaving(log: Log, reason: string | null): void {
  if (reason === null) return log.line('info', 'the messages that wait can be saved again');
  log.line(
    'warn',
    `the messages that wait cannot be saved, and are lost with the monitor: ${reason}`,
  );
}
