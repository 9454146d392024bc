import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { BUCKET_BYTES, Buckets } from '../../../src/history/series/buckets.ts';
import type { MinuteRecord } from '../../../src/history/series/minute-record.ts';
import { LEVELS } from '../../../src/history/series/steps.ts';

const NOW = Math.floor(Date.parse('2026-11-20T10:00:00Z') / 60_000);
const [DAY, HOUR] = [1_440, 60];

function up(minute: number, rest: Partial<MinuteRecord> = {}): MinuteRecord {
  return { minute, upMs: 60_000, downMs: 0, checks: 1, times: [[20, 1]], ...rest };
}

/** What is kept of the hour of this minute. */
function hourOf(buckets: Buckets, minute: number): number {
  return buckets.at(2, LEVELS[2], Math.floor(minute / 60))?.upMs ?? 0;
}

describe('Buckets', () => {
  test('hold 90 days of hours, 2 days of quarters and 3 hours of minutes', () => {
    const buckets = new Buckets();
    for (let minute = NOW - 91 * DAY; minute < NOW; minute += 1) buckets.add(up(minute));
    for (const [at, level] of LEVELS.entries()) {
      const last = Math.floor(((NOW - 1) * 60_000) / level.ms);
      for (let index = last - level.capacity + 1; index <= last; index += 1) {
        const bucket = buckets.at(at, level, index);
        assert.equal(bucket?.upMs, level.ms, `${level.step} ${index}`);
        assert.equal(bucket.checks, level.ms / 60_000);
        assert.deepEqual([bucket.p50, bucket.p95, bucket.max], [20, 20, 20]);
      }
      assert.equal(buckets.at(at, level, last - level.capacity), null, 'the oldest is gone');
      assert.equal(buckets.at(at, level, last + 1), null, 'the next is not there yet');
    }
  });

  test('take less than 24 KB', () => assert.ok(BUCKET_BYTES < 24_000, `${BUCKET_BYTES} bytes`));

  test('add the parts of minutes without losing any to rounding', () => {
    const buckets = new Buckets();
    const part = { upMs: 29, downMs: 29, checks: 0, times: [] };
    for (let n = 0; n < 1_000; n += 1) buckets.add({ minute: NOW + (n % 60), ...part });
    const hour = buckets.at(2, LEVELS[2], NOW / 60);
    assert.ok(Math.abs((hour?.upMs ?? 0) - 29_000) <= 30, `${hour?.upMs}`);
    assert.ok(Math.abs((hour?.downMs ?? 0) - 29_000) <= 30, `${hour?.downMs}`);
  });

  test('keep all hours but the ones it comes to when the clock is set a year ahead and back', () => {
    const buckets = new Buckets();
    for (let minute = NOW - 60 * DAY; minute < NOW; minute += 1) buckets.add(up(minute));
    const before = Array.from({ length: 60 * 24 }, (_, n) => hourOf(buckets, NOW - (n + 1) * HOUR));
    for (let minute = NOW + 365 * DAY; minute < NOW + 365 * DAY + 30; minute += 1) {
      buckets.add(up(minute));
    }
    for (let minute = NOW; minute < NOW + 10; minute += 1) buckets.add(up(minute));
    const after = Array.from({ length: 60 * 24 }, (_, n) => hourOf(buckets, NOW - (n + 1) * HOUR));
    const lost = before.filter((ms, n) => ms !== after[n]).length;
    assert.ok(lost <= 2, `${lost} hours`);
    assert.equal(hourOf(buckets, NOW), 10 * 60_000);
  });

  test('show nothing old after a year without a record', () => {
    const buckets = new Buckets();
    for (let minute = NOW - DAY; minute < NOW; minute += 1) buckets.add(up(minute));
    for (const years of [1, 2, 5]) {
      const later = NOW + years * 365 * DAY;
      for (const [at, level] of LEVELS.entries()) {
        const last = Math.floor((later * 60_000) / level.ms);
        for (let n = 0; n < level.capacity; n += 1) {
          assert.equal(buckets.at(at, level, last - n), null, `${years} ${level.step} -${n}`);
        }
      }
    }
    buckets.add(up(NOW + 5 * 365 * DAY));
    assert.equal(hourOf(buckets, NOW - HOUR), 0);
    assert.equal(hourOf(buckets, NOW + 5 * 365 * DAY), 60_000);
  });

  for (const [at, level] of LEVELS.entries()) {
    test(`never show a ${level.step} bucket of eight laps ago in a place that was passed over`, () => {
      const [buckets, { ms, capacity }] = [new Buckets(), level];
      const minuteOf = (index: number): number => (index * ms) / 60_000;
      const first = Math.floor((NOW * 60_000) / ms);
      const down = { upMs: 0, downMs: 60_000 };
      buckets.add(up(minuteOf(first), down));
      // All of the time since then is seen, but for the place of that outage.
      for (let index = first + 1; index <= first + 8 * capacity + 5; index += 1) {
        if ((index - first) % capacity !== 0) buckets.add(up(minuteOf(index)));
      }
      assert.equal(buckets.at(at, level, first + 8 * capacity), null);
      assert.equal(buckets.at(at, level, first + 8 * capacity + 1)?.downMs, 0);
    });
  }

  test('show each bucket at its own time alone, however the clock goes', () => {
    const step = fc.record({
      minutes: fc.oneof(
        fc.integer({ min: 1, max: 30 }),
        fc.integer({ min: 30, max: 3_000 }),
        fc.integer({ min: -3_000, max: 3_000 }),
      ),
      checks: fc.integer({ min: 0, max: 1 }),
    });
    fc.assert(
      fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
        const buckets = new Buckets();
        const seen = new Set<number>();
        let minute = NOW;
        let open = 0;
        for (const { minutes, checks } of steps) {
          minute += minutes;
          buckets.add(up(minute, { checks, times: [] }));
          seen.add(minute);
          open = Math.max(minute, open);
          // What a reader may ask for, on a clock of its own that goes ahead too.
          for (const now of [minute, open, open + 700, open + 1_440]) {
            for (let ago = 0; ago < 180; ago += 1) {
              const isKept = buckets.at(0, LEVELS[0], now - ago) !== null;
              assert.ok(!isKept || seen.has(now - ago), `${now - ago - NOW} at ${now - NOW}`);
            }
          }
        }
      }),
    );
  });

  test('merge response times upwards, and forget them with their bucket', () => {
    const buckets = new Buckets();
    for (let minute = NOW; minute < NOW + 60; minute += 1) {
      buckets.add(
        up(minute, {
          checks: 10,
          times: [
            [10, 9],
            [40, 1],
          ],
        }),
      );
    }
    const hour = buckets.at(2, LEVELS[2], NOW / 60);
    assert.deepEqual([hour?.checks, hour?.p50, hour?.p95, hour?.max], [600, 10, 40, 40]);
    buckets.add(up(NOW + 60, { times: [] }));
    const next = buckets.at(2, LEVELS[2], NOW / 60 + 1);
    assert.deepEqual([next?.p50, next?.p95, next?.max], [null, null, null]);
  });

  test('are the same after many minutes at once as one by one, however the clock goes', () => {
    const record = fc.record({
      ahead: fc.oneof(
        fc.constant(1),
        fc.integer({ min: -200, max: 40 }),
        fc.integer({ min: -9_000, max: 9_000 }),
      ),
      checks: fc.integer({ min: 0, max: 9 }),
      bin: fc.integer({ min: 0, max: 95 }),
      upMs: fc.integer({ min: -60_000, max: 60_000 }),
    });
    fc.assert(
      fc.property(fc.array(record, { maxLength: 80 }), (given) => {
        let minute = NOW;
        const records = given.map(({ ahead, checks, bin, upMs }) => {
          minute += ahead;
          const times = checks === 0 ? [] : [[bin, checks] as const];
          return { minute, upMs, downMs: 60_000 - upMs, checks, times };
        });
        const [atOnce, oneByOne] = [new Buckets(), new Buckets()];
        atOnce.add(...records);
        for (const each of records) oneByOne.add(each);
        assert.deepEqual(atOnce.bytes, oneByOne.bytes);
      }),
    );
  });

  test('are the same again from their bytes', () => {
    const buckets = new Buckets();
    for (let minute = NOW; minute < NOW + 90; minute += 1) buckets.add(up(minute));
    const again = new Buckets(buckets.bytes);
    for (const each of [buckets, again]) each.add(up(NOW + 90, { times: [[70, 5]] }));
    assert.deepEqual(again.bytes, buckets.bytes);
  });
});
