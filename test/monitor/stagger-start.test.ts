import assert from 'node:assert/strict';
import { test } from 'node:test';
import { staggerStart } from '../../src/monitor/stagger-start.ts';

test('a few workers start at once, and a thousand within a second, not in one burst', () => {
  const start = (): void => undefined;
  const delays = staggerStart(Array.from({ length: 1_000 }, () => ({ start }))).map(
    ({ inMs }) => inMs,
  );
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
  const worker = { start: () => undefined };
  assert.deepEqual(staggerStart([worker]), [{ worker, inMs: 0 }]);
  assert.deepEqual(staggerStart([]), []);
});
