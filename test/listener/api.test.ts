import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { incidentsOf, type KnownIncident } from '../../src/listener/incident-reader.ts';
import type { IncidentRecord, JournalLine } from '../../src/store/journal-line.ts';
import { ask } from './ask.ts';
import { factsOf } from './fake-facts.ts';

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

const known = (app: string, openedMs: number, resolvedMs: number | null): KnownIncident => ({
  app,
  instance: 0,
  id: String(openedMs),
  record: record(openedMs, resolvedMs),
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
});

describe('/api/incidents', () => {
  const facts = factsOf([], {
    known: [known('web', 1_000, null), known('api', 7_200_000, 3_700_000), known('web', 9e9, 8e9)],
  });
  const ids = async (query: string): Promise<readonly string[]> => {
    const { body } = await ask(facts, `/api/incidents${query}`);
    return (JSON.parse(body) as { incidents: KnownIncident[] }).incidents.map(({ id }) => id);
  };

  test('is narrowed by app, time and number', async () => {
    assert.equal((await ids('')).length, 3);
    assert.deepEqual(await ids('?app=api'), ['7200000']);
    assert.deepEqual(await ids('?since=1h'), ['1000']);
    assert.deepEqual(await ids('?since=2h'), ['1000', '7200000']);
    assert.deepEqual(await ids(`?since=${iso(3_800_000)}`), ['1000', '7200000']);
    const { body, etag } = await ask(facts, '/api/incidents?limit=1');
    assert.equal((JSON.parse(body) as { isCut: boolean }).isCut, true);
    assert.match(etag ?? '', /^"[\w-]{22}"$/);
  });

  test('says what is wrong with a query', async () => {
    for (const query of ['limit=0', 'limit=1001', 'limit=x', 'since=banana', 'since=2026']) {
      const { status, body } = await ask(facts, `/api/incidents?${query}`);
      assert.equal(status, 400, query);
      assert.match(body, /^\{"error":"\w+: write /);
    }
  });
});

test('/api/status is the status document', async () => {
  const facts = factsOf([]);
  const { status, body } = await ask(facts, '/api/status');
  assert.equal(status, 200);
  assert.deepEqual(JSON.parse(body), facts.status());
});
