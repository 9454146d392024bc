import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { AppSeries } from '../../../src/history/series/app-series.ts';
import type { HistorySum } from '../../../src/history/series/history.ts';
import { RecordedApp } from '../../../src/history/series/recorded-app.ts';
import { enterState, figuresOf, unknownUptime } from '../../../src/uptime/figures.ts';
import type { Uptime, UptimeState } from '../../../src/uptime/figures.ts';

const START = Date.parse('2026-11-20T10:00:00Z');
const MINUTE = 60_000;
const WEB = { name: 'web', instance: 0 };

/** An app that is recorded on clocks that the test moves. */
class Recording {
  now = 5_000;
  wall = START;
  floor = 5_000;
  offset = START - 5_000;
  uptime: Uptime = unknownUptime(5_000);
  readonly app = new RecordedApp(WEB, this.uptime, 5_000);

  pass(ms: number): this {
    this.now += ms;
    this.wall += ms;
    return this;
  }

  /** A change that was at a time of which it is known now. */
  is(standing: UptimeState, agoMs = 0): this {
    this.uptime = enterState(this.uptime, standing, this.now - agoMs);
    return this;
  }

  /** As the recorder does it: the time until now is of the clock as it was. */
  collect(): this {
    this.app.collect(this.uptime, { now: this.now, offset: this.offset, floor: this.floor });
    const offset = this.wall - this.now;
    if (Math.abs(offset - this.offset) > 1_000) [this.offset, this.floor] = [offset, this.now];
    return this;
  }

  get series(): AppSeries {
    const { filledTo, buckets } = this.app;
    return new AppSeries(WEB, buckets, () => ({ now: this.wall, filledTo }));
  }

  total(fromMs = 80 * 86_400_000): HistorySum {
    const [sum] = this.series.bars(this.wall - fromMs, fromMs, 1);
    assert.ok(sum);
    return sum;
  }
}

function near(got: number, wanted: number, withinMs: number, what: string): void {
  assert.ok(Math.abs(got - wanted) <= withinMs, `${what}: got ${got}, wanted ${wanted}`);
}

describe('RecordedApp', () => {
  test('gives each minute its up, down and unobserved time', () => {
    const web = new Recording().pass(10_000).is('up').pass(50_000).collect();
    web.pass(30_000).is('down').pass(20_000).is('up').pass(10_000).collect();
    const minutes = web.series.series('1m');
    assert.deepEqual(
      minutes.map(({ from, upMs, downMs, unobservedMs }) => [from, upMs, downMs, unobservedMs]),
      [
        [START, 50_000, 0, 10_000],
        [START + MINUTE, 40_000, 20_000, 0],
        [START + 2 * MINUTE, 0, 0, 0],
      ],
    );
    const [hour] = web.series.series('1h');
    near(hour?.upMs ?? 0, 90_000, 30, 'up');
    near(hour?.downMs ?? 0, 20_000, 30, 'down');
  });

  test('moves what a later answer has shown to be down', () => {
    const web = new Recording().is('up').pass(MINUTE).collect();
    // Seen down 10 s into this minute, since half a minute: 20 s of the last minute were not up.
    web.pass(10_000).is('down', 30_000).pass(50_000).collect();
    const [first, second] = web.series.series('1m');
    assert.deepEqual([first?.upMs, first?.downMs], [40_000, 20_000]);
    assert.deepEqual([second?.upMs, second?.downMs], [0, 60_000]);
  });

  test('moves what a later answer has shown to be unobserved', () => {
    const web = new Recording().is('up').pass(MINUTE).collect();
    web.pass(10_000).is('unseen', 30_000).pass(50_000).collect();
    const [first, second] = web.series.series('1m');
    assert.deepEqual([first?.upMs, first?.downMs, first?.unobservedMs], [40_000, 0, 20_000]);
    assert.equal(second?.unobservedMs ?? MINUTE, MINUTE);
  });

  test('counts answers, with the times of the good ones', () => {
    const web = new Recording().is('up').pass(30_000);
    for (let ms = 1; ms <= 100; ms += 1) web.app.count(ms);
    web.app.count(null);
    const [bucket] = web.pass(30_000).collect().series.series('1h');
    assert.equal(bucket?.checks, 101);
    near(bucket?.p50Ms ?? 0, 50, 7.5, 'p50');
    near(bucket?.p95Ms ?? 0, 95, 14, 'p95');
    near(bucket?.maxMs ?? 0, 100, 15, 'max');
    const [none] = new Recording().is('up').pass(MINUTE).collect().series.series('1m');
    assert.deepEqual([none?.checks, none?.p50Ms, none?.p95Ms, none?.maxMs], [0, null, null, null]);
  });

  test('agrees with the figures of uptime on any history', () => {
    const change = fc.record({
      ms: fc.integer({ min: 0, max: 10 * MINUTE }),
      standing: fc.constantFrom<UptimeState>('up', 'down', 'unseen'),
      agoMs: fc.integer({ min: 0, max: 5 * MINUTE }),
      isCollected: fc.boolean(),
    });
    fc.assert(
      fc.property(fc.array(change, { maxLength: 60 }), (changes) => {
        const web = new Recording();
        for (const { ms, standing, agoMs, isCollected } of changes) {
          web.pass(ms).is(standing, Math.min(agoMs, web.now - 5_000));
          if (isCollected) web.collect();
        }
        web.pass(1).collect();
        const total = web.total();
        const figures = figuresOf(web.uptime, 7 * 86_400_000, web.now);
        // Half a part of each hour that was touched: 30 ms; each collection rounds to 1 ms.
        const slack = 30 * 24 + 60;
        near(total.downMs, figures.downMs, slack, 'down');
        near(total.upMs, figures.observedMs - figures.downMs, slack, 'up');
      }),
      { numRuns: 200 },
    );
  });

  test('is never negative, longer than its bucket, or down without a down, with any clock', () => {
    const move = fc.record({
      ms: fc.integer({ min: 0, max: 5 * MINUTE }),
      jumpMs: fc.oneof(
        fc.constant(0),
        fc.integer({ min: -90 * MINUTE, max: 90 * MINUTE }),
        fc.integer({ min: -400, max: 400 }).map((days) => days * 86_400_000),
      ),
      standing: fc.constantFrom<UptimeState>('up', 'down', 'unseen'),
      agoMs: fc.integer({ min: 0, max: 5 * MINUTE }),
    });
    fc.assert(
      fc.property(fc.array(move, { maxLength: 40 }), fc.boolean(), (moves, isEverDown) => {
        const web = new Recording();
        for (const { ms, jumpMs, standing, agoMs } of moves) {
          const is = standing === 'down' && !isEverDown ? 'up' : standing;
          web.pass(ms).is(is, Math.min(agoMs, web.now - 5_000));
          web.wall += jumpMs;
          web.collect();
        }
        for (const step of ['1m', '15m', '1h'] as const) {
          const buckets = web.series.series(step);
          const lengthMs = { '1m': MINUTE, '15m': 15 * MINUTE, '1h': 60 * MINUTE }[step];
          for (const { upMs, downMs, unobservedMs } of buckets) {
            assert.ok(upMs >= 0 && downMs >= 0 && unobservedMs >= 0);
            assert.ok(upMs + downMs <= lengthMs, `${upMs} + ${downMs} in ${step}`);
            if (!isEverDown) assert.equal(downMs, 0);
          }
        }
      }),
      { numRuns: 300 },
    );
  });

  test('leaves the hour unobserved that a sleeping machine or a clock set forward skips', () => {
    const web = new Recording().is('up').pass(MINUTE).collect();
    web.wall += 60 * MINUTE;
    web.pass(MINUTE).collect().pass(MINUTE).collect();
    const { upMs, downMs, unobservedMs } = web.total(2 * 60 * MINUTE);
    assert.deepEqual([upMs, downMs], [3 * MINUTE, 0]);
    near(unobservedMs, 118 * MINUTE, 3 * MINUTE, 'unobserved');
  });

  test('counts an hour that a clock set back shows twice once, and the worse of both', () => {
    const web = new Recording().is('up');
    for (let n = 0; n < 60; n += 1) web.pass(MINUTE).collect();
    web.wall -= 60 * MINUTE;
    web
      .collect()
      .is('down')
      .pass(2 * MINUTE)
      .is('up');
    for (let n = 0; n < 58; n += 1) web.pass(MINUTE).collect();
    const hours = web.series.series('1h').filter(({ upMs, downMs }) => upMs + downMs > 0);
    assert.deepEqual(
      hours.map(({ from, upMs, downMs }) => [from, upMs, downMs]),
      [[START, 58 * MINUTE, 2 * MINUTE]],
    );
  });

  test('writes nothing while the clock was never set', () => {
    const web = new Recording().is('up');
    web.wall = web.now;
    web.collect();
    assert.equal(web.app.waiting.length, 0);
    web.pass(MINUTE).collect();
    assert.equal(web.app.waiting.length, 0);
  });

  test('keeps a bounded number of records for a disk that takes none', () => {
    const web = new Recording().is('up');
    for (let n = 0; n < 3_300; n += 1) web.pass(MINUTE).collect();
    const bytes = web.app.waiting.reduce((sum, { length }) => sum + length, 0);
    assert.ok(bytes <= 64 * 1024, `${bytes} bytes`);
    assert.equal(web.app.isBehind, true);
    assert.ok(web.total().upMs > 3_299 * MINUTE);
  });
});
