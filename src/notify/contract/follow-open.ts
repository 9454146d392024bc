import { GROUP_MS } from './follow-ends.ts';
import type { OpenIncidentFact, PlanFacts } from './facts.ts';
import type { Ledger, LedgerEntry, Tombstone } from './ledger.ts';
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
    const tomb = tombOf(ledger, fact);
    if (tomb !== undefined && !tomb.isAssumed && !isProvenAgain(tomb, fact)) continue;
    // Down again before its recovery was reported: for people it is one and the same incident.
    const again = ended.find(({ entry, event }) => entry.key === fact.key && event === 'resolved');
    if (again) ended = ended.filter((each) => each !== again);
    const entry = again
      ? continued(again.entry, fact, facts.now)
      : newEntry(fact, tomb === undefined ? null : facts.now);
    byKey.set(fact.key, withDue(entry, fact, facts.now));
  }
  return { ...ledger, entries: [...byKey.values()], ended };
}

/** What is proven again after its end, as after a pause, may have begun at the same instant all the same. */
function isProvenAgain(tomb: Tombstone, { detectedAt }: OpenIncidentFact): boolean {
  return detectedAt > tomb.endedAt && !isNear(tomb.detectedAt ?? detectedAt, detectedAt);
}

/** The tombstone of this very incident. */
function tombOf(
  { tombstones }: Ledger,
  { key, openedAt, cause }: OpenIncidentFact,
): Tombstone | undefined {
  return tombstones.findLast(
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

function newEntry(fact: OpenIncidentFact, reopenedAt: number | null): LedgerEntry {
  const { key, app, instance, openedAt, detectedAt, cause, severity, recipients, restarts } = fact;
  const incident = Math.round(openedAt).toString(36);
  return {
    key,
    app,
    instance,
    isOneOfMany: fact.isOneOfMany ?? false,
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
    reopenedAt,
    isHeld: false,
  };
}

/**
 * The same incident, or another that follows without a good time between. For people it is one: what was sent stays
 * sent, its id and its worst severity stay too. Only the times and the words are the new ones.
 */
function continued(entry: LedgerEntry, fact: OpenIncidentFact, now: number): LedgerEntry {
  const isSame = entry.cause === fact.cause && isNear(entry.openedAt, fact.openedAt);
  const keepsSeverity = isSame || isReported(entry);
  const severity =
    keepsSeverity && isWorse(entry.severity, fact.severity) ? entry.severity : fact.severity;
  const { restarts, recipients } = fact;
  const changed = { ...wordsOf(fact), severity, restarts, recipients, goneSince: null };
  return {
    ...(isSame ? entry : followed(entry, fact)),
    ...changed,
    severityBefore: severityBefore(entry, severity, now),
  };
}

/** The entry with the times and the cause of the incident that follows; its id too, where no message had another. */
function followed(entry: LedgerEntry, fact: OpenIncidentFact): LedgerEntry {
  const { openedAt, detectedAt, cause } = fact;
  const { incident } = isReported(entry) ? entry : newEntry(fact, null);
  return { ...entry, incident, openedAt, detectedAt, cause };
}

/** True where somebody got a message of it. */
function isReported({ sentTo, reportedBefore }: LedgerEntry): boolean {
  return sentTo.length > 0 || reportedBefore.length > 0;
}

/** A severity that nobody has a message of is no change. */
function severityBefore(
  before: LedgerEntry,
  severity: LedgerEntry['severity'],
  now: number,
): LedgerEntry['severityBefore'] {
  if (!isReported(before) || before.severity === severity) return before.severityBefore;
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

/**
 * Decides when an opening is reported: in its group when a person is needed, when a second restart came, or when it
 * lasts; and once more in its group when it is more severe than people know.
 */
function withDue(entry: LedgerEntry, fact: OpenIncidentFact, now: number): LedgerEntry {
  const isHeld = fact.urgency === 'held';
  if (isHeld || !isNews(entry, fact, now)) return { ...entry, isHeld, dueAt: null };
  return { ...entry, isHeld, dueAt: entry.dueAt ?? now + GROUP_MS };
}

function isNews(entry: LedgerEntry, fact: OpenIncidentFact, now: number): boolean {
  const { urgency, restarts, detectedAt } = fact;
  if (entry.firedAs !== null) return isWorse(entry.severity, entry.firedAs);
  if (entry.dueAt !== null) return true;
  return urgency === 'person' || restarts > 1 || now - detectedAt >= LONG_MS;
}
