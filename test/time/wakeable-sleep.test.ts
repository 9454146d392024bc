import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { RestartSlot } from '../../src/monitor/restart-slot.ts';
import { WakeableSleep } from '../../src/time/wakeable-sleep.ts';
import { FakeClock } from '../support/fake-clock.ts';

describe('a wait', () => {
  /** Starts a sleep and says whether it is over. */
  function sleeping(wait: WakeableSleep, clock: FakeClock): () => boolean {
    let isOver = false;
    const sleep = async (): Promise<void> => {
      await wait.sleep(1_000, clock);
      isOver = true;
    };
    void sleep();
    return () => isOver;
  }

  test('ends with its time', async () => {
    const clock = new FakeClock();
    const isOver = sleeping(new WakeableSleep(), clock);
    await clock.pass(999);
    assert.equal(isOver(), false);
    await clock.pass(1);
    assert.equal(isOver(), true);
  });

  test('is cut short by a wake', async () => {
    const [clock, wait] = [new FakeClock(), new WakeableSleep()];
    const isOver = sleeping(wait, clock);
    wait.wake();
    await clock.pass(0);
    assert.equal(isOver(), true);
  });

  test('remembers a wake that came while nobody slept, once', async () => {
    const [clock, wait] = [new FakeClock(), new WakeableSleep()];
    wait.wake();
    const first = sleeping(wait, clock);
    await clock.pass(0);
    assert.equal(first(), true);
    const second = sleeping(wait, clock);
    await clock.pass(0);
    assert.equal(second(), false);
  });
});

describe('the slot of all workers', () => {
  test('is taken by one, free again after it, and then five seconds apart', () => {
    const slot = new RestartSlot();
    assert.equal(slot.freeAt(), Number.NEGATIVE_INFINITY);
    const flight = slot.take('api', 1_000);
    assert.equal(slot.freeAt(), 11_000);
    slot.release(flight);
    assert.equal(slot.freeAt(), 6_000);
  });

  test('is held for ten seconds by a restart that PM2 does not finish, and names its app', () => {
    const slot = new RestartSlot();
    slot.take('api', 1_000);
    assert.deepEqual(slot.holdersAt(10_999), ['api']);
    assert.deepEqual(slot.holdersAt(11_000), []);
    slot.take('web', 11_000);
    assert.deepEqual(slot.holdersAt(12_000), ['web']);
    assert.equal(slot.freeAt(), 21_000);
  });

  test('lets no more than four be in flight, no matter how long they take', () => {
    const slot = new RestartSlot();
    const flights = ['a', 'b', 'c', 'd'].map((name, nth) => slot.take(name, nth * 10_000));
    assert.equal(slot.freeAt(), Number.POSITIVE_INFINITY);
    assert.deepEqual(slot.holdersAt(1e9), ['a', 'b', 'c', 'd']);
    const [, second] = flights;
    if (second) slot.release(second);
    assert.equal(slot.freeAt(), 40_000);
  });
});
