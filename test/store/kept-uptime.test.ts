import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { fromKeptUptime, isKeptUptime, toKeptUptime } from '../../src/store/kept-uptime.ts';
import { figuresOf, addRecovery, enterState, unknownUptime } from '../../src/uptime/figures.ts';

const SAVED = { now: 100_000, wall: 1_700_000_000_000, machine: 5_000_000 };
const SAVED_AT = { wall: SAVED.wall, machine: SAVED.machine };

const lived = addRecovery(
  enterState(enterState(enterState(unknownUptime(0), 'up', 1_000), 'down', 50_000), 'up', 60_000),
  60_000,
  10_000,
);

describe('an uptime that outlives its monitor', () => {
  const kept = toKeptUptime(lived, SAVED);

  test('is the same, and nobody watched meanwhile', () => {
    // Another process, whose clock began elsewhere, 20 seconds later.
    const at = { now: 3_000, wall: SAVED.wall + 20_000, machine: SAVED.machine + 20_000 };
    const read = fromKeptUptime(JSON.parse(JSON.stringify(kept)), SAVED_AT, at);
    assert.equal(read.standing, 'unseen');
    const { observedMs, downMs, meanTimeToRecoverMs } = figuresOf(read, 3_600_000, at.now);
    assert.deepEqual([observedMs, downMs, meanTimeToRecoverMs], [99_000, 10_000, 10_000]);
  });

  test('a night with the machine off is not observed', () => {
    const at = { now: 3_000, wall: SAVED.wall + 8 * 3_600_000, machine: 9_000 };
    const read = fromKeptUptime(kept, SAVED_AT, at);
    assert.equal(figuresOf(read, 3_600_000, at.now).observedMs, 0);
    assert.equal(figuresOf(read, 86_400_000, at.now).downMs, 10_000);
  });

  test('a wall clock that was put back brings nothing into the future', () => {
    const at = { now: 3_000, wall: SAVED.wall - 86_400_000, machine: SAVED.machine + 2_000 };
    const read = fromKeptUptime(kept, SAVED_AT, at);
    assert.equal(read.since, 1_000);
    assert.equal(figuresOf(read, 3_600_000, at.now).downMs, 10_000);
  });

  test('anything of another shape is none', () => {
    assert.ok(isKeptUptime(kept));
    for (const bad of [
      null,
      [],
      { ...kept, standing: 'well' },
      { ...kept, since: null },
      { ...kept, stretches: [{ from: 2, to: 1, standing: 'down' }] },
      { ...kept, stretches: [[1, 2, 1]] },
      { ...kept, restarts: ['x'] },
      { ...kept, mended: [{ at: 1 }] },
      { ...kept, incidents: Array(2_000).fill(1) },
    ]) {
      assert.equal(isKeptUptime(bad), false);
    }
  });
});
