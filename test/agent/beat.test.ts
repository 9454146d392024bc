import assert from 'node:assert/strict';
import { test } from 'node:test';
import { BEAT_BYTES, delayOf, silenceOf, writeBeat } from '../../src/agent/beat.ts';

test('the delays of the last minute are kept, and older ones are not', () => {
  const shared = new Float64Array(new SharedArrayBuffer(BEAT_BYTES));
  assert.equal(delayOf(shared, 9_000), null);
  writeBeat(shared, 9_000, 1_000);
  assert.deepEqual(delayOf(shared, 9_000), { p50Ms: 8_000, p99Ms: 8_000, maxMs: 8_000 });
  for (let n = 0; n < 256; n += 1) writeBeat(shared, 10_000 + n, 10_000 + n - (n % 2));
  assert.deepEqual(delayOf(shared, 10_300), { p50Ms: 1, p99Ms: 1, maxMs: 1 });
});

test('a beat before its time is no delay', () => {
  const shared = new Float64Array(new SharedArrayBuffer(BEAT_BYTES));
  writeBeat(shared, 1_000, 1_200);
  assert.equal(delayOf(shared, 1_000)?.maxMs, 0);
  assert.equal(silenceOf(shared, 31_000), 30_000);
  assert.equal(silenceOf(shared, 500), 0);
});

test('a loop that is blocked for the first time is late, and a beat that is not due yet is not', () => {
  const shared = new Float64Array(new SharedArrayBuffer(BEAT_BYTES));
  for (let n = 0; n < 9; n += 1) writeBeat(shared, 1_000, 1_000);
  assert.deepEqual(delayOf(shared, 1_240), { p50Ms: 0, p99Ms: 0, maxMs: 0 });
  assert.deepEqual(delayOf(shared, 5_250), { p50Ms: 0, p99Ms: 4_000, maxMs: 4_000 });
  for (let n = 0; n < 300; n += 1) writeBeat(shared, 6_000, 6_000);
  assert.deepEqual(delayOf(shared, 7_250), { p50Ms: 0, p99Ms: 0, maxMs: 1_000 });
});
