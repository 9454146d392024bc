import type { Log } from '../../report/log.ts';
import type { ChannelStatus } from '../../report/notify-status.ts';
import type { Clock } from '../../time/clock.ts';
import type { Channel } from '../channel/channel.ts';
import type { Notice } from '../message/notice.ts';
import { Delivery, type Outcome } from './delivery.ts';
import { isTooOld, type Queues } from './queue.ts';

/** What the deliveries use. */
interface DeliveriesDeps {
  readonly clock: Clock;
  readonly log: Log;
  readonly channels: readonly Channel[];
  /** Resolves when what is queued is on disk, or the disk has failed. Never rejects. */
  readonly save: () => Promise<void>;
  /** What fires now at a channel; null where nothing does. */
  readonly firing: (channel: string) => Notice | null;
}

/** One delivery for each channel, and the queues of channels that are no longer there. */
export class Deliveries {
  readonly #byName: ReadonlyMap<string, Delivery>;
  /** Kept for a day: the channel may come back with the next settings. */
  #orphaned: Queues;

  constructor(queues: Queues, deps: DeliveriesDeps) {
    const { channels, clock, save, log, firing } = deps;
    this.#byName = new Map(
      channels.map((channel) => {
        const reporter = reporterOf(channel, log);
        const own = { clock, save, onOutcome: reporter, firing: () => firing(channel.name) };
        return [channel.name, new Delivery(channel, queues[channel.name] ?? [], own)];
      }),
    );
    this.#orphaned = this.#orphansOf(queues, clock.wall());
  }

  /** Adds what an earlier monitor had in its queues, before what waits now. */
  restore(queues: Queues, now: number): void {
    for (const [name, delivery] of this.#byName) delivery.restore(queues[name] ?? []);
    this.#orphaned = this.#orphansOf(queues, now);
  }

  start(): void {
    for (const delivery of this.#byName.values()) delivery.start();
  }

  add(channel: string, notice: Notice): void {
    this.#byName.get(channel)?.add(notice);
  }

  /** To be called when other incidents fire: channels that repeat them look. */
  onLedger(): void {
    for (const delivery of this.#byName.values()) {
      if (delivery.channel.repeatMs !== undefined) delivery.wake();
    }
  }

  /** All that waits, for the file. */
  queues(): Queues {
    const own = [...this.#byName].map(([name, { queue }]) => [name, queue] as const);
    return {
      ...this.#orphaned,
      ...Object.fromEntries(own.filter(([, queue]) => queue.length > 0)),
    };
  }

  status(): readonly ChannelStatus[] {
    return [...this.#byName.values()].map((delivery) => {
      const { name, shown } = delivery.channel;
      const { lastSentAt, ...rest } = delivery.status();
      const at = lastSentAt === null ? null : new Date(lastSentAt).toISOString();
      return { name, shown, ...rest, lastSentAt: at };
    });
  }

  #orphansOf(queues: Queues, now: number): Queues {
    const left = Object.entries(queues)
      .filter(([name]) => !this.#byName.has(name))
      .map(([name, queue]) => [name, queue.filter((each) => !isTooOld(each, now))] as const);
    return Object.fromEntries(left.filter(([, queue]) => queue.length > 0));
  }

  async stop(): Promise<void> {
    await Promise.all([...this.#byName.values()].map((delivery) => delivery.stop()));
  }
}

/** Reports the first of several failures of a channel, and that it works again. */
function reporterOf({ name, shown }: Channel, log: Log): (outcome: Outcome) => void {
  let reported: string | null = null;
  const label = name === shown ? shown : `${name}, ${shown}`;
  return (outcome) => {
    switch (outcome.kind) {
      case 'sent':
        if (outcome.warning !== undefined) {
          if (reported !== 'warning') log.line('error', `notify ${label}: ${outcome.warning}`);
          reported = 'warning';
          return;
        }
        if (reported !== null) {
          const whole = reported === 'warning' ? 'sent to all addresses' : 'sent';
          log.line('info', `notify ${label}: messages are ${whole} again`);
        }
        reported = null;
        return;
      case 'retry':
        if (reported === null) {
          log.line('warn', `notify ${label}: not sent, tried again later: ${outcome.reason}`);
        }
        reported ??= 'retry';
        return;
      case 'refused':
        if (reported !== 'refused') {
          log.line(
            'error',
            `notify ${label}: refused, this message is not sent: ${outcome.reason}`,
          );
        }
        reported = 'refused';
        return;
      case 'dropped':
        log.line('warn', `notify ${label}: ${droppedText(outcome.count)}`);
    }
  };
}

function droppedText(count: number): string {
  const messages = count === 1 ? '1 message was' : `${count} messages were`;
  return `${messages} not sent: too many wait, or it is a day old`;
}
