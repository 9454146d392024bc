import assert from 'node:assert/strict';
import { test } from 'node:test';
import { noteDiagnosis, openRecord, readOpenIncidents } from '../../src/history/incident-record.ts';
import type { TargetView } from '../../src/report/view.ts';
import type { JournalLine } from '../../src/store/journal-line.ts';
import { parseJournalLine } from '../../src/store/journal-line.ts';
import type { Incident } from '../../src/verdict/incident/incident.ts';

const AT = '2026-11-28T10:00:00.000Z';
const LINES = ['hung in parse (src/parse.ts:41)', 'at parse (src/parse.ts:41)'];

function opened(): ReturnType<typeof openRecord> {
  const incident = { openedAt: 0, detectedAt: 1, cause: 'timeout', detail: 'x', restarts: 0 };
  return openRecord(incident as Incident, [], () => AT);
}

test('what an app was doing is noted once, as a step of its incident', () => {
  const open = opened();
  assert.equal(noteDiagnosis({} as TargetView, open, AT), null);
  const view = { diagnosis: LINES } as unknown as TargetView;
  assert.deepEqual(noteDiagnosis(view, open, AT)?.diagnosis, LINES);
  assert.equal(noteDiagnosis(view, open, AT), null);
  assert.deepEqual(open.record.diagnosis, LINES);
  assert.deepEqual(
    open.record.trail.map(({ text }) => text),
    [`what it was doing: ${LINES[0]}`],
  );
});

test('a later monitor reads it, also from the line that came after the beginning', () => {
  const { record } = opened();
  const line = { schemaVersion: 1, at: AT, app: 'web', instance: 0, incident: 'a' } as const;
  const lines: readonly JournalLine[] = [
    { ...line, event: 'opened', text: 'x', record },
    { ...line, event: 'decided', text: 'y', diagnosis: LINES },
  ];
  const read = lines.map((each) => parseJournalLine(JSON.stringify(each)));
  assert.deepEqual(read, lines);
  const [open] = readOpenIncidents(lines).values();
  assert.deepEqual(open?.record.diagnosis, LINES);
  const hostile = { ...line, event: 'decided', text: 'y', diagnosis: [{ a: 1 }] };
  assert.equal(parseJournalLine(JSON.stringify(hostile)), null);
});
