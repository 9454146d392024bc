import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { KnownIncident } from '../../src/listener/incident-fold.ts';
import type { IncidentRecord } from '../../src/store/journal-line.ts';
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

const known = (app: string, openedMs: number, resolvedMs: number | null): KnownIncident => ({
  app,
  instance: 0,
  id: String(openedMs),
  record: record(openedMs, resolvedMs),
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
