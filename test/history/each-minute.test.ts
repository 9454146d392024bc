import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { eachMinute } from '../../src/history/each-minute.ts';
import { FakeClock } from '../support/fake-clock.ts';

describe('eachMinute', () => {
  test('works after each minute of the wall clock, and in the first one soon after targets have come', async () => {
    const clock = new FakeClock();
    clock.wallTime = Date.parse('2026-11-20T10:00:05Z');
    const stop = new AbortController();
    const worked: number[] = [];
    let targets = 0;
    const ended = eachMinute({ clock, count: () => targets, signal: stop.signal }, async () => {
      worked.push(clock.wallTime);
    });
    const arrivals = new Map([
      [6_500, 2],
      [9_500, 3],
      // Later than the first minute: with the next minute.
      [100_500, 4],
    ]);
    const from = Date.parse('2026-11-20T10:00:00Z');
    for (let at = 5_100; at <= 200_000; at += 100) {
      targets = arrivals.get(at) ?? targets;
      await clock.pass(100);
    }
    assert.deepEqual(
      worked.map((at) => at - from),
      [7_000, 10_000, 60_100, 120_100, 180_100],
    );
    stop.abort();
    await ended;
    await clock.pass(120_000);
    assert.equal(worked.length, 5);
  });
});
