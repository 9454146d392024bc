import type { Clock } from '../../time/clock.ts';
import { withTimeout } from '../../time/deadline.ts';
import { LightAbortController } from '../../time/light-abort.ts';
import { WakeableSleep } from '../../time/wakeable-sleep.ts';
import type { Channel, SendResult } from '../channel/channel.ts';
import type { Notice } from '../message/notice.ts';
import {
  bounded,
  enqueue,
  isDoubtful,
  isTooOld,
  LONGEST_RETRY_AFTER_MS,
  nextOf,
  passDoubtful,
  postpone,
  waitOf,
  withSaneWaits,
  type Enqueued,
  type QueuedNotice,
} from './queue.ts';
import { DeliveryFigures, type DeliveryStatus } from './delivery-figures.ts';
import { SetBack } from './set-back.ts';

/** What one channel's delivery uses. */
interface DeliveryDeps {
  readonly clock: Clock;
  /** Resolves when what is queued is on disk, or the disk has failed. Never rejects. */
  readonly save: () => Promise<void>;
  /** Called for every outcome, and for messages that were left out. */
  readonly onOutcome: (outcome: Outcome) => void;
  /** What fires now, for a channel that wants it repeated; null where nothing does. */
  readonly firing: () => Notice | null;
}

/** How an attempt ended, or that messages were left out because they were too many or too old. */
export type Outcome = SendResult | { readonly kind: 'dropped'; readonly count: number };

/** A channel that does not keep to its own deadline is left alone after this. */
const SEND_MS = 20_000;

/** With nothing to do it looks again after this. */
const IDLE_MS = 3_600_000;

/** How long `stop` waits for a message that is on its way. */
const STOP_MS = 1_000;

/**
 * Sends the messages of one channel, one after the other, the oldest first. A channel that is down delays only its
 * own messages, and a message that its sink alone does not take delays no other for long.
 */
export class Delivery {
  readonly channel: Channel;
  readonly #deps: DeliveryDeps;
  readonly #sleep = new WakeableSleep();
  readonly #stopping = new LightAbortController();
  #queue: readonly QueuedNotice[];
  #running: Promise<void> = Promise.resolve();
  readonly #figures = new DeliveryFigures();
  #repeatAt: number;
  /** The sink asked to be left alone until then; monotonic. */
  #quietUntil = Number.NEGATIVE_INFINITY;
  /** The oldest message failed again and again: another one shows whether that is about it or about its sink. */
  #isOtherDue = false;
  readonly #setBack: SetBack;

  constructor(channel: Channel, queue: readonly QueuedNotice[], deps: DeliveryDeps) {
    this.channel = channel;
    this.#deps = deps;
    this.#queue = this.#bounded(queue);
    this.#repeatAt = deps.clock.now();
    this.#setBack = new SetBack(deps.clock);
  }

  /** What waits, the oldest first. */
  get queue(): readonly QueuedNotice[] {
    return this.#queue;
  }

  start(): void {
    this.#running = this.#run();
  }

  /** Adds a message. It is sent when it is on disk. */
  add(notice: Notice): void {
    this.#queue = this.#report(enqueue(this.#queue, notice, this.#hasAll));
    this.#sleep.wake();
  }

  /** Adds what waited for an earlier monitor, before what waits now. */
  restore(earlier: readonly QueuedNotice[]): void {
    const ids = new Set(this.#queue.map(({ notice }) => notice.id));
    const others = earlier.filter(({ notice }) => !ids.has(notice.id));
    this.#queue = this.#bounded([...others, ...this.#queue]);
    this.#sleep.wake();
  }

  /** It gets messages with all apps. */
  get #hasAll(): boolean {
    return this.channel.repeatMs !== undefined;
  }

  #bounded(queue: readonly QueuedNotice[]): readonly QueuedNotice[] {
    return this.#report(bounded(queue, this.#hasAll));
  }

  #report({ queue, dropped }: Enqueued): readonly QueuedNotice[] {
    if (dropped > 0) this.#deps.onOutcome({ kind: 'dropped', count: dropped });
    return queue;
  }

  /** Looks again at what fires. */
  wake(): void {
    this.#sleep.wake();
  }

  status(): DeliveryStatus {
    return this.#figures.status(this.#queue.length);
  }

  /** Stops; what was not sent waits on disk for the next monitor. Never rejects. */
  async stop(): Promise<void> {
    this.#stopping.abort();
    this.#sleep.wake();
    await withTimeout(this.#running, STOP_MS, undefined, this.#deps.clock);
  }

  async #run(): Promise<void> {
    const { clock } = this.#deps;
    while (!this.#stopping.aborted) {
      this.#queue = withSaneWaits(this.#queue, clock.wall(), this.#setBack.take());
      if (this.#dropOld()) await this.#deps.save();
      const other = this.#isOtherDue ? this.#leastTried() : undefined;
      const next = nextOf(this.#queue);
      const waitMs = other ? this.#quietMs() : this.#waitMs(next);
      if (waitMs > 0) {
        await this.#sleep.sleep(waitMs, clock);
        continue;
      }
      if (other) await this.#tryOther(other);
      else if (next && waitOf(next, clock.wall()) === 0) await this.#deliver(next);
      else await this.#repeat();
    }
  }

  /** True where messages were left out, because they are too old. */
  #dropOld(): boolean {
    const now = this.#deps.clock.wall() - this.#setBack.aheadMs;
    const fresh = this.#queue.filter((each) => !isTooOld(each, now));
    const count = this.#queue.length - fresh.length;
    if (count === 0) return false;
    this.#queue = fresh;
    this.#deps.onOutcome({ kind: 'dropped', count });
    return true;
  }

  #waitMs(next: QueuedNotice | undefined): number {
    const { clock } = this.#deps;
    const waitMs = Math.min(next ? waitOf(next, clock.wall()) : IDLE_MS, this.#repeatIn());
    return Math.max(waitMs, this.#quietMs());
  }

  #quietMs(): number {
    return this.#quietUntil - this.#deps.clock.now();
  }

  async #deliver(head: QueuedNotice): Promise<void> {
    const result = await this.#attempt(head);
    // Each time both: with a sink that is down the order stays, with a sink that works the others go on.
    this.#isOtherDue =
      result?.kind === 'retry' &&
      isDoubtful(head) &&
      !head.isPassed &&
      this.#leastTried() !== undefined;
  }

  async #tryOther(other: QueuedNotice): Promise<void> {
    this.#isOtherDue = false;
    if ((await this.#attempt(other))?.kind !== 'sent') return;
    this.#queue = passDoubtful(this.#queue, this.#deps.clock.wall());
    await this.#deps.save();
  }

  /** The first of the messages that have failed least, after the one whose turn it is. */
  #leastTried(): QueuedNotice | undefined {
    const [, ...others] = this.#queue.filter(({ isPassed }) => !isPassed);
    return others.toSorted((a, b) => a.attempts - b.attempts)[0];
  }

  /** Sends a message, and keeps what came of it; null where the monitor stops. */
  async #attempt(message: QueuedNotice): Promise<SendResult | null> {
    const { clock, save, onOutcome } = this.#deps;
    // A monitor that is killed after this sends it again, with the same id: rather twice than never.
    await save();
    if (this.#stopping.aborted) return null;
    const result = await this.#send(message.notice);
    // Stopped meanwhile: not known whether it arrived.
    if (this.#stopping.aborted && result.kind !== 'sent') return null;
    this.#take(
      message,
      result.kind === 'retry' ? postpone(message, result.retryAfterMs, clock.wall()) : null,
    );
    onOutcome(result);
    await save();
    return result;
  }

  /** Tells a channel that forgets what is not repeated that it still fires; not queued. */
  async #repeat(): Promise<void> {
    const notice = this.#deps.firing();
    this.#repeatAt = this.#deps.clock.now() + (this.channel.repeatMs ?? 0);
    if (notice === null) return;
    const result = await this.#send(notice);
    if (result.kind !== 'sent') this.#deps.onOutcome(result);
  }

  #repeatIn(): number {
    const { repeatMs } = this.channel;
    if (repeatMs === undefined) return IDLE_MS;
    if (this.#deps.firing() === null) return IDLE_MS;
    return Math.max(0, this.#repeatAt - this.#deps.clock.now());
  }

  async #send(notice: Notice): Promise<SendResult> {
    const late: SendResult = { kind: 'retry', reason: 'no answer', retryAfterMs: null };
    const sending = this.channel.send(notice, this.#stopping).catch((): SendResult => {
      return { kind: 'refused', reason: 'internal error' };
    });
    const result = await withTimeout(sending, SEND_MS, late, this.#deps.clock);
    this.#figures.count(result, this.#deps.clock.wall());
    if (result.kind === 'retry') this.#quiet(result.retryAfterMs);
    return result;
  }

  /** What a sink asks for is about all that we send there, repeats included. */
  #quiet(askedMs: number | null): void {
    const ms = Math.min(LONGEST_RETRY_AFTER_MS, askedMs ?? 0);
    if (ms > 0) this.#quietUntil = this.#deps.clock.now() + ms;
  }

  /** Takes a message out of the queue, or puts it back as `instead`. It may have been left out meanwhile. */
  #take(head: QueuedNotice, instead: QueuedNotice | null): void {
    this.#queue = this.#queue.flatMap((each) =>
      each !== head ? [each] : instead === null ? [] : [instead],
    );
  }
}
