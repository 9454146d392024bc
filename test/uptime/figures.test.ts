import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import {
  downBetween,
  downSinceOf,
  figuresOf,
  LONGEST_MS,
  addRecovery,
  MOST_KEPT,
  addIncident,
  addRestart,
  enterState,
  unknownUptime,
  type UptimeState,
  type Uptime,
} from '../../src/uptime/figures.ts';

const HOUR = 3_600_000;

/** An uptime that began at 0 and went through these standings, each from a time on. */
function lived(...steps: readonly (readonly [standing: UptimeState, at: number])[]): Uptime {
  return steps.reduce(
    (uptime, [standing, at]) => enterState(uptime, standing, at),
    unknownUptime(0),
  );
}

describe('the uptime', () => {
  test('is time known up divided by time observed', () => {
    const uptime = lived(['up', 0], ['down', 900], ['up', 1_000]);
    const { availability, observedMs, downMs } = figuresOf(uptime, HOUR, 2_000);
    assert.deepEqual(
      { availability, observedMs, downMs },
      { availability: 0.95, observedMs: 2_000, downMs: 100 },
    );
  });

  test('time that nobody observed is neither up nor down', () => {
    const uptime = lived(['up', 0], ['unseen', 1_000], ['down', 5_000], ['up', 6_000]);
    const { availability, observedMs } = figuresOf(uptime, HOUR, 7_000);
    assert.equal(observedMs, 3_000);
    assert.equal(availability, 2 / 3);
    assert.equal(figuresOf(unknownUptime(0), HOUR, 9_000).availability, null);
  });

  test('counts an app that is down right now until now', () => {
    const uptime = lived(['up', 0], ['down', 1_000]);
    assert.equal(figuresOf(uptime, HOUR, 3_000).downMs, 2_000);
  });

  test('a window has what is in it, and the part of what reaches into it', () => {
    const uptime = lived(['up', 0], ['down', 1_000], ['up', 3_000]);
    assert.equal(figuresOf(uptime, 2_000, 4_000).downMs, 1_000);
    assert.equal(figuresOf(uptime, 2_000, 4_000).observedMs, 2_000);
    assert.equal(figuresOf(uptime, 500, 4_000).availability, 1);
  });

  test('counts incidents, restarts and the mean time to recover in each window', () => {
    let uptime = lived(['up', 0]);
    uptime = addIncident(addIncident(uptime, 1_000), 9_000);
    uptime = addRecovery(addRecovery(uptime, 2_000, 1_000), 9_600, 600);
    uptime = addRestart(addRestart(uptime, 1_500), 9_100);
    const all = figuresOf(uptime, HOUR, 10_000);
    assert.deepEqual([all.incidents, all.restarts, all.meanTimeToRecoverMs], [2, 2, 800]);
    const late = figuresOf(uptime, 2_000, 10_000);
    assert.deepEqual([late.incidents, late.restarts, late.meanTimeToRecoverMs], [1, 1, 600]);
    assert.equal(figuresOf(uptime, 100, 10_000).meanTimeToRecoverMs, null);
  });

  test('knows when the downtime of an incident began', () => {
    const uptime = lived(['up', 0], ['down', 1_000], ['up', 3_000], ['down', 8_000]);
    assert.equal(downSinceOf(uptime, 2_000), 1_000);
    assert.equal(downSinceOf(uptime, 9_000), 8_000);
    assert.equal(downSinceOf(uptime, 5_000), 5_000);
    assert.equal(downBetween(uptime, 0, 9_000), 3_000);
  });

  test('forgets what no window reaches, and of too much the oldest, which is then not observed', () => {
    const old = lived(['up', 0], ['down', 10], ['up', 20], ['down', LONGEST_MS + 100]);
    assert.deepEqual(enterState(old, 'up', LONGEST_MS + 200).stretches.length, 1);
    let flapping = lived(['up', 0]);
    for (let at = 1; at <= 2 * MOST_KEPT + 20; at += 1)
      flapping = enterState(flapping, at % 2 ? 'down' : 'up', at);
    assert.equal(flapping.stretches.length, MOST_KEPT);
    assert.equal(flapping.knownSince, 20);
    const { observedMs, downMs } = figuresOf(flapping, HOUR, flapping.since);
    assert.deepEqual([observedMs, downMs], [2 * MOST_KEPT, MOST_KEPT]);
  });

  test('the parts of a window always add up to it', () => {
    const steps = fc.array(
      fc.tuple(fc.constantFrom<UptimeState>('up', 'down', 'unseen'), fc.nat(LONGEST_MS / 50)),
      { maxLength: 60 },
    );
    fc.assert(
      fc.property(steps, fc.integer({ min: 1, max: 2 * LONGEST_MS }), (drawn, windowMs) => {
        let at = 0;
        let uptime = unknownUptime(0);
        for (const [standing, ms] of drawn) uptime = enterState(uptime, standing, (at += ms));
        const { availability, observedMs, downMs } = figuresOf(uptime, windowMs, at);
        assert.ok(downMs >= 0 && downMs <= observedMs && observedMs <= Math.min(windowMs, at));
        assert.equal(availability === null, observedMs === 0);
        for (const [index, { from, to }] of uptime.stretches.entries()) {
          assert.ok(from < to && to <= (uptime.stretches[index + 1]?.from ?? uptime.since));
        }
      }),
    );
  });

  test('is always between 0 and 100 %, with any fractions of its times', () => {
    const time = fc.double({ min: 0, max: 1e7, noNaN: true });
    const standing = fc.constantFrom<UptimeState>('up', 'down', 'unseen', 'down');
    fc.assert(
      fc.property(
        fc.array(fc.tuple(standing, time), { maxLength: 60 }),
        time,
        time,
        (steps, later, windowMs) => {
          const sorted = steps.toSorted(([, a], [, b]) => a - b);
          const now = (sorted.at(-1)?.[1] ?? 0) + later;
          const { availability, observedMs, downMs } = figuresOf(lived(...sorted), windowMs, now);
          assert.ok(availability === null || (availability >= 0 && availability <= 1));
          assert.ok(observedMs >= 0 && downMs >= 0 && downMs <= observedMs);
        },
      ),
      { numRuns: 2_000 },
    );
  });
});
