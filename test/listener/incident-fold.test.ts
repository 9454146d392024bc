import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { incidentsOf } from '../../src/listener/incident-fold.ts';
import type { IncidentRecord, JournalLine } from '../../src/store/journal-line.ts';

const NOW = 1_700_000_000_000;
const iso = (agoMs: number): string => new Date(NOW - agoMs).toISOString();

const record = (openedMs: number, resolvedMs: number | null): IncidentRecord => ({
  openedAt: iso(openedMs),
  detectedAt: iso(openedMs),
  class: 'timeout',
  detail: 'no answer of /home/me/app/server.js',
  resolvedAt: resolvedMs === null ? null : iso(resolvedMs),
  end: resolvedMs === null ? null : 'recovered',
  downtimeMs: null,
  restarts: 1,
  actions: [],
  trail: [],
  errorLog: { writtenAt: iso(openedMs), lines: ['password=C4N4RY'] },
});

const line = (more: Partial<JournalLine>): JournalLine => ({
  schemaVersion: 1,
  at: iso(0),
  app: 'web',
  instance: 0,
  incident: 'a',
  event: 'opened',
  text: 'it hangs',
  ...more,
});

describe('the incidents of the journal', () => {
  test('are folded from its lines, newest first, without the log and absolute paths', () => {
    const action = { at: iso(5), method: 'restart', result: 'done', detail: 'restarted' };
    const found = incidentsOf([
      line({ record: record(9_000, null) }),
      line({ event: 'decided', text: 'restart it' }),
      line({ event: 'acted', action }),
      line({ incident: 'b', record: record(1_000, null) }),
      line({ incident: 'gone', event: 'decided' }),
    ]);
    assert.deepEqual(
      found.map(({ id }) => id),
      ['b', 'a'],
    );
    assert.deepEqual(found[1]?.record.trail, [{ at: iso(0), text: 'restart it' }]);
    assert.deepEqual(found[1]?.record.actions, [action]);
    assert.doesNotMatch(JSON.stringify(found), /C4N4RY|server\.js/);
    const over = incidentsOf([
      line({ record: record(9, null) }),
      line({ event: 'resolved', record: record(9, 1) }),
    ]);
    assert.equal(over.length, 1);
    assert.equal(over[0]?.record.end, 'recovered');
  });

  test('of a long one the middle is left out, and its restarts are all counted', () => {
    const action = { at: iso(5), method: 'restart', result: 'done', detail: 'restarted' };
    const steps = Array.from({ length: 5_000 }, (_, n) =>
      n % 50 === 0
        ? line({ event: 'acted', action })
        : line({ event: 'decided', text: `step ${n}` }),
    );
    const [found] = incidentsOf([line({ record: record(9_000, null) }), ...steps]);
    assert.equal(found?.record.trail.length, 40);
    assert.equal(found.record.trail.at(-1)?.text, 'step 4999');
    assert.equal(found.record.actions.length, 40);
    assert.equal(found.record.restarts, 100);
  });
});
