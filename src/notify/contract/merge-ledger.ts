import type { Ledger, LedgerEntry } from './ledger.ts';
import { isWorse } from './recipients.ts';

/**
 * The ledger of an earlier monitor that was read late, with what this one has noted meanwhile. A channel that has the opening
 * does not get it twice, and an incident that the earlier one reported is not `fixed`: it is `resolved`.
 */
export function mergeLedgers(earlier: Ledger, present: Ledger): Ledger {
  // An end that nobody was sent yet belongs to what is open again.
  const unsent = earlier.ended.flatMap(({ entry, event }) => (event === 'resolved' ? [entry] : []));
  const before = new Map([...unsent, ...earlier.entries].map((entry) => [entry.key, entry]));
  const keys = new Set(present.entries.map(({ key }) => key));
  const over = new Set(present.ended.map(({ entry }) => entry.key));
  const isBoth = ({ key }: LedgerEntry): boolean => keys.has(key) || over.has(key);
  const merged = (entry: LedgerEntry): LedgerEntry => withEarlier(entry, before.get(entry.key));
  return {
    entries: [
      ...earlier.entries.filter((entry) => !isBoth(entry)),
      ...present.entries.map((entry) => merged(entry)),
    ],
    ended: [
      ...earlier.ended.filter(({ entry }) => !isBoth(entry)),
      ...present.ended.map((each) => {
        const entry = merged(each.entry);
        return { ...each, entry, event: isKnown(entry) ? 'resolved' : each.event };
      }),
    ],
    tombstones: [...earlier.tombstones, ...present.tombstones],
  };
}

function withEarlier(entry: LedgerEntry, before: LedgerEntry | undefined): LedgerEntry {
  if (before === undefined) return entry;
  const { firedAs: earlier, severityBefore } = before;
  const { firedAs: present } = entry;
  const isEarlierWorse = earlier !== null && (present === null || isWorse(earlier, present));
  return {
    ...entry,
    severity:
      isKnown(before) && isWorse(before.severity, entry.severity)
        ? before.severity
        : entry.severity,
    isOneOfMany: before.isOneOfMany,
    incident: isKnown(before) ? before.incident : entry.incident,
    openedAt: Math.min(before.openedAt, entry.openedAt),
    detectedAt: Math.min(before.detectedAt, entry.detectedAt),
    done: [...before.done, ...entry.done].slice(-5),
    firedAs: isEarlierWorse ? earlier : present,
    sentTo: [...new Set([...before.sentTo, ...entry.sentTo])],
    reportedBefore: [...new Set([...before.reportedBefore, ...entry.reportedBefore])],
    severityBefore: entry.severityBefore ?? severityBefore,
    remindedAt: entry.remindedAt ?? before.remindedAt,
  };
}

function isKnown({ sentTo, reportedBefore }: LedgerEntry): boolean {
  return sentTo.length > 0 || reportedBefore.length > 0;
}
