import type { EndedIncidentFact, PlanFacts } from './facts.ts';
import type { EndedEntry, Ledger, LedgerEntry, Tombstone } from './ledger.ts';

/** How long messages wait for others to be one with them. */
export const GROUP_MS = 30_000;

/** An app that PM2 has not had for this time does not come back with the daemon. */
const GONE_MS = 5 * 60_000;

/** How long, and how many, incidents that are over are remembered. */
const [TOMB_MS, MOST_TOMBS] = [24 * 3_600_000, 1_000];

/** Takes the incidents that are over out of the ledger's entries; those to be reported wait for their group. */
export function followEnds(ledger: Ledger, facts: PlanFacts): Ledger {
  const { now } = facts;
  const openKeys = new Set(facts.open.map(({ key }) => key));
  const seen = new Map(facts.ended.map((each) => [each.key, each]));
  const entries: LedgerEntry[] = [];
  const over: { entry: LedgerEntry; fact: EndedIncidentFact }[] = [];
  for (const entry of ledger.entries.map((each) => withDeeds(each, facts))) {
    const fact = seen.get(entry.key) ?? null;
    const goneSince = openKeys.has(entry.key) ? null : goneAt(entry, facts);
    const end = fact ?? (openKeys.has(entry.key) ? null : unseenEnd(entry, goneSince, facts));
    if (end === null) entries.push({ ...entry, goneSince });
    else over.push({ entry, fact: end });
  }
  const news = over.flatMap(({ entry, fact }) => endedEntry(entry, fact, now));
  const tombstones = over.map(({ entry, fact }) => tombOf(entry, fact, !seen.has(entry.key)));
  return {
    entries,
    ended: [
      ...ledger.ended.map((each) => ({ ...each, entry: withDeeds(each.entry, facts) })),
      ...news,
    ],
    tombstones: [...ledger.tombstones, ...tombstones]
      .filter(({ endedAt }) => Math.abs(now - endedAt) < TOMB_MS)
      .slice(-MOST_TOMBS),
  };
}

const MOST_DEEDS = 5;

function withDeeds(entry: LedgerEntry, { deeds }: PlanFacts): LedgerEntry {
  const own = deeds.filter(({ key }) => key === entry.key).map(({ text }) => text);
  return own.length === 0 ? entry : { ...entry, done: [...entry.done, ...own].slice(-MOST_DEEDS) };
}

/** Only an app that is seen is not gone: where nothing is known, the time runs on. */
function goneAt(entry: LedgerEntry, { now, unseenEndOf }: PlanFacts): number | null {
  const seen = unseenEndOf(entry.key);
  if (seen === null) return entry.goneSince;
  return ABSENT.has(seen) ? (entry.goneSince ?? now) : null;
}

/** Daemon and monitor begin one after the other, and take their time: that an app is not there yet is no end. */
const ABSENT: ReadonlySet<string> = new Set(['gone', 'unwatched']);

/** The end of an incident that nobody saw, because no monitor was there; null where it is not known yet. */
function unseenEnd(
  { key, restarts, openedAt, cause }: LedgerEntry,
  goneSince: number | null,
  { now, unseenEndOf }: PlanFacts,
): EndedIncidentFact | null {
  const seen = unseenEndOf(key);
  const isGone = goneSince !== null && now - goneSince >= GONE_MS;
  if (seen === null || seen === 'pending' || (ABSENT.has(seen) && !isGone)) return null;
  // An app that nobody could check was not down as far as anybody knows.
  const wasDown = seen === 'recovered' && cause !== 'unknown';
  const downtimeMs = wasDown ? Math.max(0, now - openedAt) : null;
  return { key, end: seen === 'gone' ? 'deleted' : seen, endedAt: now, downtimeMs, restarts };
}

/** What is to be reported of an end: nothing where the opening was not, and the app was not fixed. */
function endedEntry(entry: LedgerEntry, fact: EndedIncidentFact, now: number): EndedEntry[] {
  const { end, endedAt, downtimeMs, restarts } = fact;
  const whole = { ...entry, restarts: Math.max(restarts, entry.restarts) };
  const base = { entry: whole, end, endedAt, downtimeMs, dueAt: now + GROUP_MS };
  const isReported = entry.sentTo.length > 0 || entry.reportedBefore.length > 0;
  if (isReported) return [{ ...base, event: 'resolved' }];
  if (entry.firedAs !== null) return [];
  const isNews = end === 'recovered' && !QUIET.has(entry.cause) && !entry.isHeld;
  return isNews ? [{ ...base, event: 'fixed' }] : [];
}

/**
 * What is nobody's news once it is over unreported: a typo that was corrected within its half minute, and what was
 * never down: a check without a result, the monitor itself.
 */
const QUIET: ReadonlySet<string> = new Set(['source', 'unknown', 'monitor']);

function tombOf(
  { key, openedAt, detectedAt, cause }: LedgerEntry,
  { endedAt, end }: EndedIncidentFact,
  isUnseen: boolean,
): Tombstone {
  const isAssumed = isUnseen && (end === 'deleted' || end === 'unwatched');
  return { key, openedAt, detectedAt, cause, endedAt, isAssumed };
}
