import type { Notice } from '../message/notice.ts';

/** A message that waits to be sent to one channel. */
export interface QueuedNotice {
  readonly notice: Notice;
  /** How often sending it has failed. */
  readonly attempts: number;
  /** Not sent before: wall milliseconds. */
  readonly notBefore: number;
}

/** The messages that wait, by the channel's name, the oldest first. */
export type Queues = Readonly<Record<string, readonly QueuedNotice[]>>;

/** The most messages that wait for one channel, and their most characters in all as JSON. */
const [MOST_WAITING, MOST_CHARACTERS] = [200, 256 * 1024];

/** A message is not sent when it is older. */
export const OLDEST_MS = 24 * 3_600_000;

/** Waits between attempts: from the first failure on, doubled up to the longest. */
const [FIRST_WAIT_MS, LONGEST_WAIT_MS] = [5_000, 5 * 60_000];

/** A server that asks for a longer wait is asked again after this. */
const LONGEST_RETRY_AFTER_MS = 3_600_000;

/** A queue with one message more, and how many had to be left out for it. */
export interface Enqueued {
  readonly queue: readonly QueuedNotice[];
  readonly dropped: number;
}

/**
 * Adds a message. Where there is no room, the oldest one that says least is left out: first what fixed itself and
 * reminders, then the oldest.
 */
export function enqueue(queue: readonly QueuedNotice[], notice: Notice): Enqueued {
  // Made again by a monitor that was killed before it knew that it was written.
  if (queue.some(({ notice: { id } }) => id === notice.id)) return { queue, dropped: 0 };
  let next = [...queue, { notice, attempts: 0, notBefore: 0 }];
  let dropped = 0;
  while (next.length > 1 && !hasRoom(next)) {
    const least = next.findIndex(
      ({ notice: { event } }) => event === 'fixed' || event === 'reminder',
    );
    // Never the new one: it is the last.
    const gone = least >= 0 && least < next.length - 1 ? least : 0;
    next = next.filter((_, at) => at !== gone);
    dropped += 1;
  }
  return { queue: next, dropped };
}

function hasRoom(queue: readonly QueuedNotice[]): boolean {
  return queue.length <= MOST_WAITING && JSON.stringify(queue).length <= MOST_CHARACTERS;
}

/** The message after a failed attempt, with the time of the next; `asked` is what the server wants, in ms. */
export function postpone(
  { notice, attempts }: QueuedNotice,
  asked: number | null,
  now: number,
): QueuedNotice {
  const wait = Math.min(LONGEST_WAIT_MS, FIRST_WAIT_MS * 2 ** Math.min(attempts, 10));
  const longer = Math.min(LONGEST_RETRY_AFTER_MS, Math.max(wait, asked ?? 0));
  return { notice, attempts: attempts + 1, notBefore: now + longer };
}

/** How long until a message may be sent; 0 for now. A wall clock that was set back does not make it longer. */
export function waitOf({ notBefore }: QueuedNotice, now: number): number {
  return Math.min(LONGEST_RETRY_AFTER_MS, Math.max(0, notBefore - now));
}

/** True for a message that nobody needs any more. */
export function isTooOld({ notice }: QueuedNotice, now: number): boolean {
  return now - Date.parse(notice.at) > OLDEST_MS;
}
