import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { historyDocument, historySchema } from '../../../src/history/series/document.ts';
import type { AppHistory, HistoryReader } from '../../../src/history/series/history.ts';

const NOW = Date.parse('2026-11-28T12:00:00Z');

/** A reader of two apps, which notes what it was asked for. */
function readerOf(asked: unknown[]): HistoryReader {
  const bucket = { from: NOW - 60_000, upMs: 50_000, downMs: 4_000, unobservedMs: 6_000 };
  const times = { checks: 3, p50Ms: 2, p95Ms: 9, maxMs: 9 };
  const of = (name: string, instance: number): AppHistory => ({
    name,
    instance,
    series: (step, since) => {
      asked.push([name, instance, step, since]);
      return [{ ...bucket, ...times }];
    },
    bars: () => [],
  });
  const names = [
    { name: 'api', instance: 0 },
    { name: 'web', instance: 0 },
    { name: 'web', instance: 1 },
  ];
  return { names: () => names, of };
}

describe('historyDocument', () => {
  test('gives quarter hours of all apps where nothing else is asked for', () => {
    const asked: unknown[] = [];
    const answer = historyDocument(readerOf(asked), {}, NOW);
    assert.ok(answer.ok);
    const { document } = answer;
    assert.equal(document.at, '2026-11-28T12:00:00.000Z');
    assert.deepEqual([document.step, document.stepMs], ['15m', 900_000]);
    assert.equal(document.apps.length, 3);
    assert.deepEqual(asked[0], ['api', 0, '15m', undefined]);
  });

  test('gives one app, with each of its instances, since a duration or a time', () => {
    const asked: unknown[] = [];
    const byDuration = historyDocument(
      readerOf(asked),
      { app: 'web', step: '1h', since: '30d' },
      NOW,
    );
    assert.ok(byDuration.ok);
    assert.deepEqual(
      byDuration.document.apps.map(({ app, instance }) => [app, instance]),
      [
        ['web', 0],
        ['web', 1],
      ],
    );
    historyDocument(
      readerOf(asked),
      { app: 'api', step: '1m', since: '2026-11-28T11:00:00Z' },
      NOW,
    );
    assert.deepEqual(asked, [
      ['web', 0, '1h', NOW - 30 * 86_400_000],
      ['web', 1, '1h', NOW - 30 * 86_400_000],
      ['api', 0, '1m', NOW - 3_600_000],
    ]);
  });

  for (const query of [
    { step: '5m' },
    { step: '' },
    { step: 'constructor' },
    { since: '91d' },
    { since: '-1h' },
    { since: 'yesterday' },
    { since: '' },
    { since: `2026-11-28T${'1'.repeat(10_000)}` },
  ]) {
    test(`says what to write instead of ${JSON.stringify(query).slice(0, 40)}`, () => {
      const answer = historyDocument(readerOf([]), query, NOW);
      assert.equal(answer.ok, false);
      assert.equal(!answer.ok && answer.status, 400);
      assert.match(answer.ok ? '' : answer.message, /write/);
    });
  }

  test('names the nearest app for an unknown one, and never repeats a strange name', () => {
    const near = historyDocument(readerOf([]), { app: 'wbe' }, NOW);
    assert.ok(!near.ok && near.status === 404);
    assert.match(near.message, /did you mean 'web'/);
    const strange = historyDocument(readerOf([]), { app: '<script>' }, NOW);
    assert.ok(!strange.ok && !strange.message.includes('<'));
  });

  test('refuses more than one answer should hold', () => {
    const one = { name: 'app', instance: 0 };
    const names = Array.from({ length: 100 }, (_, instance) => ({ ...one, instance }));
    const reader = { ...readerOf([]), names: () => names };
    assert.ok(historyDocument(reader, { step: '15m' }, NOW).ok);
    assert.ok(historyDocument(reader, { step: '1h', since: '7d' }, NOW).ok);
    const answer = historyDocument(reader, { step: '1h' }, NOW);
    assert.ok(!answer.ok && answer.status === 400);
    assert.match(answer.message, /less time/);
  });

  test('has the form that its schema describes', () => {
    const answer = historyDocument(readerOf([]), {}, NOW);
    assert.ok(answer.ok);
    assert.deepEqual(Object.keys(answer.document).sort(), [...historySchema.required].sort());
    const { items } = historySchema.properties.apps;
    const [app] = answer.document.apps;
    assert.deepEqual(Object.keys(app ?? {}).sort(), [...items.required].sort());
    const bucket = items.properties.buckets.items;
    assert.deepEqual(Object.keys(app?.buckets[0] ?? {}).sort(), [...bucket.required].sort());
  });
});
