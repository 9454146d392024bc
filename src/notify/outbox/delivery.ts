import type { Clock } from '../../time/clock.ts';
import { withTimeout } from '../../time/deadline.ts';
import { LightAbortController } from '../../time/light-abort.ts';
import { WakeableSleep } from '../../time/wakeable-sleep.ts';
import type { Channel, SendResult } from '../channel/channel.ts';
import type { Notice } from '../message/notice.ts';
import { enqueue, isTooOld, postpone, waitOf, type QueuedNotice } from './queue.ts';

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

/** What a delivery says of itself. */
export interface DeliveryStatus {
  readonly waiting: number;
  readonly sent: number;
  readonly failed: number;
  /** Why the last attempt failed; null where it did not. */
  readonly problem: string | null;
  /** Wall milliseconds; null where nothing was sent yet. */
  readonly lastSentAt: number | null;
}

/** A channel that does not keep to its own deadline is left alone after this. */
const SEND_MS = 20_000;

/** With nothing to do it looks again after this. */
const IDLE_MS = 3_600_000;

/** How long `stop` waits for a message that is on its way. */
const STOP_MS = 1_000;

/**
 * Sends the messages of one channel, one after the other, the oldest first. A channel that is down delays only its
 * own messages.
 */
export class Delivery {
  readonly channel: Channel;
  readonly #deps: DeliveryDeps;
  readonly #sleep = new WakeableSleep();
  readonly #stopping = new LightAbortController();
  #queue: readonly QueuedNotice[];
  #running: Promise<void> = Promise.resolve();
  #sent = 0;
  #failed = 0;
  #problem: string | null = null;
  #lastSentAt: number | null = null;
  #repeatAt: number;

  constructor(channel: Channel, queue: readonly QueuedNotice[], deps: DeliveryDeps) {
    this.channel = channel;
    this.#queue = queue;
    this.#deps = deps;
    this.#repeatAt = deps.clock.now();
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
    const { queue, dropped } = enqueue(this.#queue, notice);
    this.#queue = queue;
    if (dropped > 0) this.#deps.onOutcome({ kind: 'dropped', count: dropped });
    this.#sleep.wake();
  }

  /** Looks again at what fires. */
  wake(): void {
    this.#sleep.wake();
  }

  status(): DeliveryStatus {
    return {
      waiting: this.#queue.length,
      sent: this.#sent,
      failed: this.#failed,
      problem: this.#problem,
      lastSentAt: this.#lastSentAt,
    };
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
      const head = this.#queue[0];
      const waitMs = Math.min(head ? waitOf(head, clock.wall()) : IDLE_MS, this.#repeatIn());
      if (waitMs > 0) {
        await this.#sleep.sleep(waitMs, clock);
        continue;
      }
      if (head && waitOf(head, clock.wall()) === 0) await this.#deliver(head);
      else await this.#repeat();
    }
  }

  async #deliver(head: QueuedNotice): Promise<void> {
    const { clock, save, onOutcome } = this.#deps;
    if (isTooOld(head, clock.wall())) {
      this.#take(head, null);
      onOutcome({ kind: 'dropped', count: 1 });
      return save();
    }
    // A monitor that is killed after this sends it again, with the same id: rather twice than never.
    await save();
    if (this.#stopping.aborted) return;
    const result = await this.#send(head.notice);
    // Stopped meanwhile: not known whether it arrived.
    if (this.#stopping.aborted && result.kind !== 'sent') return;
    this.#take(
      head,
      result.kind === 'retry' ? postpone(head, result.retryAfterMs, clock.wall()) : null,
    );
    onOutcome(result);
    await save();
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
    if (result.kind === 'sent') {
      this.#sent += 1;
      this.#problem = null;
      this.#lastSentAt = this.#deps.clock.wall();
    } else {
      this.#failed += 1;
      this.#problem = result.reason;
    }
    return result;
  }

  /** Takes a message out of the queue, or puts it back as `instead`. It may have been left out meanwhile. */
  #take(head: QueuedNotice, instead: QueuedNotice | null): void {
    this.#queue = this.#queue.flatMap((each) =>
      each !== head ? [each] : instead === null ? [] : [instead],
    );
  }
}
