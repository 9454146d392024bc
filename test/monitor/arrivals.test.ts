import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Arrivals } from '../../src/monitor/arrivals.ts';

test('a few workers start at once, and a thousand within a second, not in one burst', () => {
  const arrivals = new Arrivals();
  const start = (): void => undefined;
  for (let made = 0; made < 1_000; made += 1) arrivals.add({ start });
  const delays = arrivals.take().map(({ inMs }) => inMs);
  assert.equal(delays.length, 1_000);
  assert.deepEqual(
    delays.slice(0, 10),
    Array.from({ length: 10 }, () => 0),
  );
  assert.ok(Math.max(...delays) < 1_000);
  const atOnce = delays.filter((delay) => delay === delays[500]);
  assert.equal(atOnce.length, 10);
});

test('each worker is started once', () => {
  const arrivals = new Arrivals();
  arrivals.add({ start: () => undefined });
  assert.equal(arrivals.take().length, 1);
  assert.equal(arrivals.take().length, 0);
});
