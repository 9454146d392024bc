import assert from 'node:assert/strict';
import { test } from 'node:test';
import { BEAT_BYTES, delayOf, silenceOf, writeBeat } from '../../src/agent/beat.ts';

test('the delays of the last minute are kept, and older ones are not', () => {
  const shared = new Float64Array(new SharedArrayBuffer(BEAT_BYTES));
  assert.equal(delayOf(shared), null);
  writeBeat(shared, 9_000, 1_000);
  assert.deepEqual(delayOf(shared), { p50Ms: 8_000, p99Ms: 8_000, maxMs: 8_000 });
  for (let n = 0; n < 256; n += 1) writeBeat(shared, 10_000 + n, 10_000 + n - (n % 2));
  assert.deepEqual(delayOf(shared), { p50Ms: 1, p99Ms: 1, maxMs: 1 });
});

test('a beat before its time is no delay', () => {
  const shared = new Float64Array(new SharedArrayBuffer(BEAT_BYTES));
  writeBeat(shared, 1_000, 1_200);
  assert.equal(delayOf(shared)?.maxMs, 0);
  assert.equal(silenceOf(shared, 31_000), 30_000);
  assert.equal(silenceOf(shared, 500), 0);
});
