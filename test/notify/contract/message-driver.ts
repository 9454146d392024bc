import type {
  EndedIncidentFact,
  OpenIncidentFact,
  PlanFacts,
  Recipient,
} from '../../../src/notify/contract/facts.ts';
import { EMPTY_LEDGER, type Ledger } from '../../../src/notify/contract/ledger.ts';
import { plan } from '../../../src/notify/contract/plan.ts';
import type { Notice } from '../../../src/notify/message/notice.ts';

/** One message that was sent, in short. */
export interface Sent {
  readonly channel: string;
  readonly event: Notice['event'];
  readonly apps: readonly string[];
  readonly notice: Notice;
}

const START = 1_700_000_000_000;

/** Plays incidents of apps against the plan, by a clock of its own. */
export class MessageDriver {
  now = START;
  ledger: Ledger = EMPTY_LEDGER;
  readonly sent: Sent[] = [];
  #channels: readonly Recipient[];
  readonly #open = new Map<string, OpenIncidentFact>();
  /** How apps without an open incident are; `recovered` where they are not named. */
  readonly unseen = new Map<string, string | null>();

  constructor(channels: readonly Recipient[] = [{ name: 'phone', minSeverity: 'info' }]) {
    this.#channels = channels;
  }

  /** The settings have these channels from now on. */
  configure(channels: readonly Recipient[]): void {
    this.#channels = channels;
    this.step();
  }

  open(app: string, changes: Partial<OpenIncidentFact> = {}): void {
    const fact: OpenIncidentFact = {
      key: app,
      app,
      instance: 0,
      openedAt: this.now,
      detectedAt: this.now,
      cause: 'timeout',
      restarts: 0,
      severity: 'critical',
      urgency: 'person',
      recipients: 'all',
      reason: 'no answer',
      detail: 'no answer within 2000 ms',
      next: null,
      diagnosis: null,
      ...changes,
    };
    this.#open.set(app, fact);
    this.step();
  }

  change(app: string, changes: Partial<OpenIncidentFact>): void {
    const fact = this.#open.get(app);
    if (fact) this.#open.set(app, { ...fact, ...changes });
    this.step();
  }

  end(app: string, changes: Partial<EndedIncidentFact> = {}): void {
    const fact = this.#open.get(app);
    this.#open.delete(app);
    const downtimeMs = fact ? this.now - fact.openedAt : 0;
    const restarts = fact?.restarts ?? 0;
    const ended = { key: app, end: 'recovered', endedAt: this.now, downtimeMs, restarts };
    this.step({ ended: [{ ...ended, ...changes }] });
  }

  /** The incident of an app that is open. */
  fact(app: string): OpenIncidentFact {
    const fact = this.#open.get(app);
    if (fact === undefined) throw new Error(`${app} has no open incident`);
    return fact;
  }

  /** The monitor was away, and the app is well again. */
  forget(app: string): void {
    this.#open.delete(app);
  }

  isOpen(app: string): boolean {
    return this.#open.has(app);
  }

  /** Lets time pass in steps of a second. */
  pass(ms: number): void {
    for (let left = ms; left > 0; left -= 1_000) {
      this.now += Math.min(1_000, left);
      this.step();
    }
  }

  step(facts: Partial<PlanFacts> = {}): void {
    const { ledger, outgoing } = plan(
      this.ledger,
      {
        now: this.now,
        host: 'box',
        open: [...this.#open.values()],
        ended: [],
        deeds: [],
        unseenEndOf: (key) => (this.unseen.has(key) ? (this.unseen.get(key) ?? null) : 'recovered'),
        ...facts,
      },
      this.#channels,
    );
    this.ledger = ledger;
    for (const { channel, notice } of outgoing) {
      const apps = notice.apps.map(({ app }) => app);
      this.sent.push({ channel, event: notice.event, apps, notice });
    }
  }

  /** `opened web; resolved web`. */
  get said(): string {
    return this.sent.map(({ event, apps }) => `${event} ${apps.join(' ')}`).join('; ');
  }
}
