import { MAX_APPS, type NoticeEvent } from '../message/notice.ts';
import type { PlanFacts, Recipient } from './facts.ts';
import type { EndedEntry, Ledger, LedgerEntry } from './ledger.ts';
import { ALL_APPS, noticeOf, type Item } from './notice-of.ts';
import type { Outgoing, Plan } from './outgoing.ts';
import { isWorse, takes } from './recipients.ts';

/** How often an incident that lasts is reported again. */
const REMIND_MS = 4 * 3_600_000;

/** Reminders that are due this soon go out with the first. */
const REMIND_TOGETHER_MS = 10 * 60_000;

/** Writes the messages that are due, and notes in the ledger what they said to whom. */
export function fireDue(ledger: Ledger, facts: PlanFacts, channels: readonly Recipient[]): Plan {
  const opened = fireOpened(ledger.entries, facts, channels);
  const reminded = fireReminders(opened.entries, facts, channels);
  const ended = fireEnded(ledger.ended, facts, channels);
  return {
    ledger: { ...ledger, entries: reminded.entries, ended: ended.left },
    outgoing: [...opened.outgoing, ...reminded.outgoing, ...ended.outgoing],
  };
}

interface Fired {
  readonly entries: readonly LedgerEntry[];
  readonly outgoing: readonly Outgoing[];
}

/**
 * All openings that wait go out with the first that is due; so does an incident that is more severe than people know. A
 * channel that is new, or that an app names only now, hears of what is open.
 */
function fireOpened(
  entries: readonly LedgerEntry[],
  facts: PlanFacts,
  channels: readonly Recipient[],
): Fired {
  const { now } = facts;
  const waiting = entries.filter(isNews);
  const isDue = waiting.some(({ dueAt }) => dueAt !== null && dueAt <= now);
  const news = new Set(isDue ? waiting : []);
  const gets = (channel: Recipient, entry: LedgerEntry): boolean =>
    takes(channel, entry.recipients, entry.severity) &&
    (news.has(entry) || (isKnown(entry) && !entry.sentTo.includes(channel.name)));
  const firing = new Set(entries.filter((entry) => channels.some((each) => gets(each, entry))));
  // Also what nobody takes is fired: an end is then due to nobody.
  for (const entry of news) firing.add(entry);
  if (firing.size === 0) return { entries, outgoing: [] };
  const outgoing = toEach(channels, 'opened', facts, (channel) =>
    [...firing].filter((entry) => gets(channel, entry)).map((entry) => ({ entry })),
  );
  const fired = entries.map((entry) => {
    if (!firing.has(entry)) return entry;
    const names = channels.filter((channel) => gets(channel, entry)).map(({ name }) => name);
    const sentTo = [...new Set([...entry.sentTo, ...names])];
    if (!news.has(entry)) return { ...entry, sentTo };
    return { ...entry, firedAs: entry.severity, dueAt: null, sentTo, remindedAt: now };
  });
  return { entries: fired, outgoing };
}

/** True for an incident that was reported and is open, as far as is known. */
function isKnown(entry: LedgerEntry): boolean {
  return entry.firedAs !== null && entry.goneSince === null && !isNews(entry);
}

/** True for an opening that waits for its group; the file of an older monitor has a time also in one that was sent. */
function isNews({ dueAt, firedAs, severity }: LedgerEntry): boolean {
  return dueAt !== null && (firedAs === null || isWorse(severity, firedAs));
}

function fireReminders(
  entries: readonly LedgerEntry[],
  facts: PlanFacts,
  channels: readonly Recipient[],
): Fired {
  const { now } = facts;
  const isDueBy = (at: number, { remindedAt, sentTo }: LedgerEntry): boolean =>
    remindedAt !== null && sentTo.length > 0 && at - remindedAt >= REMIND_MS;
  if (!entries.some((entry) => isDueBy(now, entry))) return { entries, outgoing: [] };
  const due = new Set(entries.filter((entry) => isDueBy(now + REMIND_TOGETHER_MS, entry)));
  // `notify` of the block may have changed since.
  const gets = (channel: Recipient, { sentTo, recipients, severity }: LedgerEntry): boolean =>
    sentTo.includes(channel.name) && takes(channel, recipients, severity);
  const outgoing = toEach(channels, 'reminder', facts, (channel) =>
    [...due].filter((entry) => gets(channel, entry)).map((entry) => ({ entry })),
  );
  const reminded = entries.map((entry) => (due.has(entry) ? { ...entry, remindedAt: now } : entry));
  return { entries: reminded, outgoing };
}

/** All ends that wait go out with the first that is due. */
function fireEnded(
  ended: readonly EndedEntry[],
  facts: PlanFacts,
  channels: readonly Recipient[],
): { readonly left: readonly EndedEntry[]; readonly outgoing: readonly Outgoing[] } {
  if (!ended.some(({ dueAt }) => dueAt <= facts.now)) return { left: ended, outgoing: [] };
  const outgoing = (['resolved', 'fixed'] as const).flatMap((event) =>
    toEach(channels, event, facts, (channel) =>
      ended.filter((each) => each.event === event && getsEnd(channel, each)),
    ),
  );
  return { left: [], outgoing };
}

function getsEnd(channel: Recipient, { entry, event }: EndedEntry): boolean {
  const { name } = channel;
  if (event === 'resolved')
    return entry.sentTo.includes(name) || entry.reportedBefore.includes(name);
  return takes(channel, entry.recipients, 'info');
}

/** One message for each channel that has items. */
function toEach(
  channels: readonly Recipient[],
  event: NoticeEvent,
  facts: PlanFacts,
  itemsOf: (channel: Recipient) => readonly Item[],
): Outgoing[] {
  return channels.flatMap((channel) => {
    const items = itemsOf(channel);
    if (items.length === 0) return [];
    const most = channel.repeatMs === undefined ? MAX_APPS : ALL_APPS;
    return [{ channel: channel.name, notice: noticeOf(event, items, facts, most) }];
  });
}
