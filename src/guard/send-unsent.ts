import type { Channel } from '../notify/channel/channel.ts';
import type { Notice } from '../notify/message/notice.ts';
import type { LightAbortSignal } from '../time/light-abort.ts';
import type { Unsent } from './guard-file.ts';

/** A message that is so old is no news. */
const OLDEST_MS = 24 * 60 * 60_000;

/** More can only wait where a sink is down for hours; the oldest are dropped. */
const MOST = 10;

/** Who sends, when, and until when. */
interface To {
  readonly host: string;
  readonly wall: number;
  readonly signal: LightAbortSignal;
}

/** What became of the messages. */
export interface Sent {
  /** What the next look tries again. */
  readonly left: readonly Unsent[];
  /** A sentence for each channel that did not take a message; free of secrets. */
  readonly problems: readonly string[];
}

/**
 * Sends every message through every channel that does not have it, all channels at the same time. A channel that takes
 * more than its own deadline holds up no other. Where the channels are not all known (`isWhole` is false), everything waits
 * for the next look too. Never rejects.
 */
export async function sendUnsent(
  unsent: readonly Unsent[],
  channels: readonly Channel[],
  { host, wall, signal, isWhole = true }: To & { readonly isWhole?: boolean },
): Promise<Sent> {
  const fresh = unsent.filter(({ at }) => wall - at < OLDEST_MS).slice(-MOST);
  const problems: string[] = [];
  const done = new Map(fresh.map(({ id, done: names }) => [id, new Set(names)]));
  await Promise.all(
    channels.map(async (channel) => {
      for (const message of fresh) {
        const names = done.get(message.id);
        if (names === undefined || names.has(channel.name)) continue;
        const result = await channel.send(noticeOf(message, host), signal);
        if (result.kind !== 'sent') {
          problems.push(problemOf(channel, result.reason));
        }
        // In order: a later message must not come before one that waits. What some have, all would get again each minute.
        if (result.kind === 'retry' && !result.isPartial) return;
        names.add(channel.name);
      }
    }),
  );
  const left = fresh
    .map((message) => ({ ...message, done: [...(done.get(message.id) ?? [])] }))
    .filter(({ done: has }) => !isWhole || channels.some(({ name }) => !has.includes(name)));
  return { left, problems };
}

/**
 * Sends a trouble that lasts again, to the channels that forget what is not repeated. Never rejects.
 */
export async function repeatTrouble(
  text: string,
  channels: readonly Channel[],
  { host, wall, signal }: To,
): Promise<readonly string[]> {
  const repeating = channels.filter(({ repeatMs }) => repeatMs !== undefined);
  const notice = noticeOf({ id: `guard-${wall}`, at: wall, text, isTrouble: true, done: [] }, host);
  const problems = await Promise.all(
    repeating.map(async (channel) => {
      const result = await channel.send(notice, signal);
      return result.kind === 'sent' ? [] : [problemOf(channel, result.reason)];
    }),
  );
  return problems.flat();
}

function problemOf({ name, shown }: Channel, reason: string): string {
  return `${name} (${shown}): ${reason}`;
}

function noticeOf({ id, at, text, isTrouble }: Unsent, host: string): Notice {
  return {
    schemaVersion: 1,
    id,
    event: 'monitor',
    severity: isTrouble ? 'critical' : 'info',
    host,
    at: new Date(at).toISOString(),
    apps: [],
    moreApps: 0,
    text,
  };
}
