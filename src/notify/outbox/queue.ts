import type { Notice } from '../message/notice.ts';

/** A message that waits to be sent to one channel. */
export interface QueuedNotice {
  readonly notice: Notice;
  /** How often sending it has failed. */
  readonly attempts: number;
  /** Not sent before: wall milliseconds. */
  readonly notBefore: number;
  /** Its sink took others and not this one: it no longer holds them up. Absent in the file of an older monitor. */
  readonly isPassed?: true | undefined;
}

/** The messages that wait, by the channel's name, the oldest first. */
export type Queues = Readonly<Record<string, readonly QueuedNotice[]>>;

/** The most messages that wait for one channel. */
const MOST_WAITING = 200;

/** The most bytes that wait for one channel, as JSON: for a person, and for a sink that keeps each incident by itself. */
const [MOST_BYTES, MOST_BYTES_OF_ALL] = [256 * 1024, 2 * 1024 * 1024];

/** A message is not sent when it is older. */
export const OLDEST_MS = 24 * 3_600_000;

/** Waits between attempts: from the first failure on, doubled up to the longest. */
const [FIRST_WAIT_MS, LONGEST_WAIT_MS] = [5_000, 5 * 60_000];

/** A server that asks for a longer wait is asked again after this. */
export const LONGEST_RETRY_AFTER_MS = 3_600_000;

/** A message that failed so often may be the only one that its sink does not take: another is tried too. */
const DOUBTFUL_ATTEMPTS = 5;

/** A queue with one message more, and how many had to be left out for it. */
export interface Enqueued {
  readonly queue: readonly QueuedNotice[];
  readonly dropped: number;
}

/**
 * Adds a message. Where there is no room, the oldest one that says least is left out: first what fixed itself and
 * reminders, then the oldest. `hasAll`: the channel gets messages with all apps.
 */
export function enqueue(queue: readonly QueuedNotice[], notice: Notice, hasAll = false): Enqueued {
  // Made again by a monitor that was killed before it knew that it was written.
  if (queue.some(({ notice: { id } }) => id === notice.id)) return { queue, dropped: 0 };
  const most = hasAll ? MOST_BYTES_OF_ALL : MOST_BYTES;
  const message = { notice: cut(notice, most / 2), attempts: 0, notBefore: 0 };
  return bounded([...queue, message], hasAll);
}

/**
 * What of a queue has room: one that was read from a file, or came of two, may be longer than any that `enqueue` makes.
 * Never without its last message. In one pass: a queue of the whole file would hold up the probes.
 */
export function bounded(queue: readonly QueuedNotice[], hasAll = false): Enqueued {
  const most = hasAll ? MOST_BYTES_OF_ALL : MOST_BYTES;
  const inOrder = queue.slice(0, -1);
  const saysLittle = ({ notice: { event } }: QueuedNotice): boolean =>
    event === 'fixed' || event === 'reminder';
  const leastFirst = [
    ...inOrder.filter((each) => saysLittle(each)),
    ...inOrder.filter((each) => !saysLittle(each)),
  ];
  const gone = new Set(leastFirst.splice(0, Math.max(0, queue.length - MOST_WAITING)));
  const sizes = new Map(
    queue.filter((each) => !gone.has(each)).map((each) => [each, bytesOf(each)]),
  );
  let bytes = [...sizes.values()].reduce((sum, each) => sum + each, 0);
  for (const each of leastFirst) {
    if (bytes <= most) break;
    gone.add(each);
    bytes -= sizes.get(each) ?? 0;
  }
  const left = gone.size === 0 ? queue : queue.filter((each) => !gone.has(each));
  return { queue: left, dropped: gone.size };
}

/**
 * A message of at most `most` bytes: the last apps are only counted. A sink that keeps each incident by itself gets
 * them with its next repeat.
 */
function cut(notice: Notice, most: number): Notice {
  const { apps, moreApps } = notice;
  for (let shown = apps.length; shown > 1; shown = Math.floor(shown / 2)) {
    const less = {
      ...notice,
      apps: apps.slice(0, shown),
      moreApps: moreApps + apps.length - shown,
    };
    if (bytesOf(less) <= most) return shown === apps.length ? notice : less;
  }
  return apps.length <= 1
    ? notice
    : { ...notice, apps: apps.slice(0, 1), moreApps: moreApps + apps.length - 1 };
}

function bytesOf(value: unknown): number {
  return Buffer.byteLength(JSON.stringify(value));
}

/** The message after a failed attempt, with the time of the next; `asked` is what the server wants, in ms. */
export function postpone(
  { notice, attempts, isPassed }: QueuedNotice,
  asked: number | null,
  now: number,
): QueuedNotice {
  const wait = isPassed
    ? LONGEST_RETRY_AFTER_MS
    : Math.min(LONGEST_WAIT_MS, FIRST_WAIT_MS * 2 ** Math.min(attempts, 10));
  const longer = Math.min(LONGEST_RETRY_AFTER_MS, Math.max(wait, asked ?? 0));
  return { notice, attempts: attempts + 1, notBefore: now + longer, ...(isPassed && { isPassed }) };
}

/** True where a failure may be about this message alone, and not about its sink. */
export function isDoubtful({ attempts }: QueuedNotice): boolean {
  return attempts >= DOUBTFUL_ATTEMPTS;
}

/** The queue after its sink took another message: what it refused again and again no longer holds up the rest. */
export function passDoubtful(queue: readonly QueuedNotice[], now: number): readonly QueuedNotice[] {
  const notBefore = now + LONGEST_RETRY_AFTER_MS;
  return queue.map((each) =>
    isDoubtful(each) && !each.isPassed ? { ...each, isPassed: true, notBefore } : each,
  );
}

/** The message to send next: in order, but one that others passed only while no other waits; undefined for none. */
export function nextOf(queue: readonly QueuedNotice[]): QueuedNotice | undefined {
  const inOrder = queue.find(({ isPassed }) => !isPassed);
  return inOrder ?? queue.toSorted((a, b) => a.notBefore - b.notBefore)[0];
}

/** How long until a message may be sent; 0 for now. */
export function waitOf({ notBefore }: QueuedNotice, now: number): number {
  return Math.max(0, notBefore - now);
}

/**
 * The queue with every wait shortened by `stepMs` (what the wall clock was set back) and to an hour at most, as
 * any other time comes from a clock that was wrong. The same queue where nothing changes.
 */
export function withSaneWaits(
  queue: readonly QueuedNotice[],
  now: number,
  stepMs = 0,
): readonly QueuedNotice[] {
  const latest = now + LONGEST_RETRY_AFTER_MS;
  if (stepMs === 0 && queue.every(({ notBefore }) => notBefore <= latest)) return queue;
  return queue.map((each) => ({ ...each, notBefore: Math.min(latest, each.notBefore - stepMs) }));
}

/** True for a message that nobody needs any more. */
export function isTooOld({ notice }: QueuedNotice, now: number): boolean {
  return now - Date.parse(notice.at) > OLDEST_MS;
}
