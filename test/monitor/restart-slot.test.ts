import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { RestartSlot } from '../../src/monitor/restart-slot.ts';

describe('the restart slot', () => {
  test('lets restarts begin five seconds apart, or when the last one is over ten', () => {
    const slot = new RestartSlot();
    const first = slot.take('a', 1_000);
    assert.equal(slot.freeAt(), 11_000);
    slot.release(first);
    assert.equal(slot.freeAt(), 6_000);
  });

  test('lets those of apps that are proven to be stopped begin half a second apart, four at a time', () => {
    const slot = new RestartSlot();
    const flights = ['a', 'b', 'c', 'd'].map((name, nth) => {
      const at = 1_000 + 500 * nth;
      assert.ok(slot.freeForProven() <= at, name);
      return slot.take(name, at);
    });
    assert.equal(slot.freeForProven(), Number.POSITIVE_INFINITY);
    assert.equal(slot.freeAt(), Number.POSITIVE_INFINITY);
    const [first] = flights;
    assert.ok(first !== undefined);
    slot.release(first);
    assert.equal(slot.freeForProven(), 3_000);
    // Any other app waits for them as before.
    assert.equal(slot.freeAt(), 12_500);
  });

  test('is as free as before while apps drain, and lets one drain at a time', () => {
    const slot = new RestartSlot();
    assert.ok(slot.drainFreeAt() <= 0);
    for (const until of [60_000, 5_000]) slot.drain(until);
    assert.equal(slot.freeAt(), Number.NEGATIVE_INFINITY);
    assert.deepEqual(slot.holdersAt(0), []);
    assert.equal(slot.drainFreeAt(), 65_000);
  });

  test('holds up the drains of others by no restart in flight', () => {
    const slot = new RestartSlot();
    slot.take('web', 1_000);
    assert.ok(slot.drainFreeAt() <= 0);
    assert.equal(slot.freeAt(), 11_000);
  });
});
