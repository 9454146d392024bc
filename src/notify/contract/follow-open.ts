import { GROUP_MS } from './follow-ends.ts';
import type { OpenIncidentFact, PlanFacts } from './facts.ts';
import type { Ledger, LedgerEntry } from './ledger.ts';
import { isWorse } from './recipients.ts';

/** A monitor computes wall times from its own clock: after a restart the same instant may differ a little. */
const SAME_MS = 5_000;

/** An incident that the first restart has not ended after this time is reported all the same. */
const LONG_MS = 2 * 60_000;

/** Brings the ledger's entries up to date with the incidents that are open. */
export function followOpen(ledger: Ledger, facts: PlanFacts): Ledger {
  const byKey = new Map(ledger.entries.map((entry) => [entry.key, entry]));
  let { ended } = ledger;
  for (const fact of facts.open) {
    const before = byKey.get(fact.key);
    if (before !== undefined) {
      byKey.set(fact.key, withDue(continued(before, fact, facts.now), fact, facts.now));
      continue;
    }
    if (isOver(ledger, fact)) continue;
    // Down again before its recovery was reported: for people it is one and the same incident.
    const again = ended.find(({ entry, event }) => entry.key === fact.key && event === 'resolved');
    if (again) ended = ended.filter((each) => each !== again);
    const entry = again ? replaced(again.entry, fact, facts.now) : newEntry(fact);
    byKey.set(fact.key, withDue(entry, fact, facts.now));
  }
  return { ...ledger, entries: [...byKey.values()], ended };
}

function isOver({ tombstones }: Ledger, { key, openedAt, cause }: OpenIncidentFact): boolean {
  return tombstones.some(
    (tomb) =>
      tomb.key === key &&
      tomb.cause === cause &&
      openedAt <= tomb.endedAt &&
      isNear(tomb.openedAt, openedAt),
  );
}

function isNear(a: number, b: number): boolean {
  return Math.abs(a - b) <= SAME_MS;
}

function newEntry(fact: OpenIncidentFact): LedgerEntry {
  const { key, app, instance, openedAt, detectedAt, cause, severity, recipients, restarts } = fact;
  const incident = Math.round(openedAt).toString(36);
  return {
    key,
    app,
    instance,
    incident,
    openedAt,
    detectedAt,
    cause,
    severity,
    recipients,
    restarts,
    ...wordsOf(fact),
    done: [],
    dueAt: null,
    firedAs: null,
    sentTo: [],
    reportedBefore: [],
    severityBefore: null,
    remindedAt: null,
    goneSince: null,
    isHeld: false,
  };
}

/** The same incident, or the one that replaced it because it is worse. */
function continued(entry: LedgerEntry, fact: OpenIncidentFact, now: number): LedgerEntry {
  const isSame = entry.cause === fact.cause && isNear(entry.openedAt, fact.openedAt);
  if (!isSame) return replaced(entry, fact, now);
  const severity = isWorse(fact.severity, entry.severity) ? fact.severity : entry.severity;
  const { restarts, recipients } = fact;
  const changed = { ...wordsOf(fact), severity, restarts, recipients, goneSince: null };
  return { ...entry, ...changed, severityBefore: severityBefore(entry, severity, now) };
}

/**
 * The entry of another incident that follows without a good time between. What was sent stays sent, unless this
 * one is more severe than what people know.
 */
function replaced(before: LedgerEntry, fact: OpenIncidentFact, now: number): LedgerEntry {
  const { done, dueAt, firedAs, sentTo, remindedAt } = before;
  const reportedBefore = [...new Set([...before.reportedBefore, ...sentTo])];
  const next = {
    ...newEntry(fact),
    done,
    reportedBefore,
    severityBefore: severityBefore(before, fact.severity, now),
  };
  if (firedAs !== null && isWorse(fact.severity, firedAs)) return next;
  return { ...next, dueAt, firedAs, sentTo, remindedAt };
}

/** A severity that nobody has a message of is no change. */
function severityBefore(
  before: LedgerEntry,
  severity: LedgerEntry['severity'],
  now: number,
): LedgerEntry['severityBefore'] {
  const isKnown = before.sentTo.length > 0 || before.reportedBefore.length > 0;
  if (!isKnown || before.severity === severity) return before.severityBefore;
  return { severity: before.severity, at: now };
}

function wordsOf({
  reason,
  detail,
  next,
  diagnosis,
}: OpenIncidentFact): Pick<OpenIncidentFact, 'reason' | 'detail' | 'next' | 'diagnosis'> {
  return { reason, detail, next, diagnosis };
}

/** Decides when an opening is reported: in its group when a person is needed, when a second restart came, or when it lasts. */
function withDue(entry: LedgerEntry, fact: OpenIncidentFact, now: number): LedgerEntry {
  const { urgency, restarts, detectedAt } = fact;
  const isHeld = urgency === 'held';
  if (entry.firedAs !== null || isHeld) return { ...entry, isHeld, dueAt: null };
  const isDue = urgency === 'person' || restarts > 1 || now - detectedAt >= LONG_MS;
  const dueAt = entry.dueAt ?? (isDue ? now + GROUP_MS : null);
  return { ...entry, isHeld, dueAt };
}
