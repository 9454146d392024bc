import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  EMPTY_LEDGER,
  type Ledger,
  type LedgerEntry,
} from '../../../src/notify/contract/ledger.ts';
import { mergeLedgers } from '../../../src/notify/contract/merge-ledger.ts';

function entryOf(key: string, more: Partial<LedgerEntry> = {}): LedgerEntry {
  return {
    key,
    app: key,
    instance: 0,
    isOneOfMany: false,
    incident: `i-${key}`,
    openedAt: 1_000,
    detectedAt: 2_000,
    cause: 'timeout',
    severity: 'warning',
    recipients: 'all',
    restarts: 0,
    reason: 'no answer',
    detail: 'no answer',
    next: null,
    diagnosis: null,
    done: [],
    dueAt: null,
    firedAs: null,
    sentTo: [],
    reportedBefore: [],
    severityBefore: null,
    remindedAt: null,
    goneSince: null,
    reopenedAt: null,
    isHeld: false,
    ...more,
  };
}

/** An end that is to be sent. */
function endOf(
  entry: LedgerEntry,
  event: Ledger['ended'][number]['event'],
): Ledger['ended'][number] {
  return { entry, event, end: 'recovered', endedAt: 9, downtimeMs: 8, dueAt: 10 };
}

test('a channel that had the opening before the disk answered has it, and the incident keeps its id', () => {
  const earlier = entryOf('web', { firedAs: 'critical', sentTo: ['a'], remindedAt: 5 });
  const present = entryOf('web', { incident: 'new', openedAt: 1_500, sentTo: ['b'] });
  const { entries } = mergeLedgers(
    { ...EMPTY_LEDGER, entries: [earlier, entryOf('api')] },
    { ...EMPTY_LEDGER, entries: [present, entryOf('db')] },
  );
  assert.deepEqual(
    entries.map(({ key }) => key),
    ['api', 'web', 'db'],
  );
  const web = entries.find(({ key }) => key === 'web');
  assert.deepEqual(
    [web?.incident, web?.openedAt, web?.firedAs, web?.sentTo, web?.remindedAt],
    ['i-web', 1_000, 'critical', ['a', 'b'], 5],
  );
});

test('what was reported and ended meanwhile is resolved, not fixed', () => {
  const earlier = entryOf('web', { firedAs: 'warning', sentTo: ['a'] });
  const ended = endOf(entryOf('web'), 'fixed');
  const merged = mergeLedgers(
    { ...EMPTY_LEDGER, entries: [earlier] },
    { ...EMPTY_LEDGER, ended: [ended] },
  );
  assert.deepEqual(merged.entries, []);
  assert.deepEqual(
    merged.ended.map(({ event, entry }) => [event, entry.sentTo]),
    [['resolved', ['a']]],
  );
});

test('an end that waited when the monitor was killed belongs to what is open again', () => {
  const waiting = endOf(entryOf('web', { firedAs: 'warning', sentTo: ['a'] }), 'resolved');
  const merged = mergeLedgers(
    { ...EMPTY_LEDGER, ended: [waiting] },
    { ...EMPTY_LEDGER, entries: [entryOf('web', { incident: 'new', openedAt: 20_000 })] },
  );
  assert.deepEqual(merged.ended, []);
  assert.deepEqual(
    merged.entries.map(({ incident, sentTo }) => [incident, sentTo]),
    [['i-web', ['a']]],
  );
});
