import assert from 'node:assert/strict';
import { beforeEach, describe, test } from 'node:test';
import { ChangeLoop } from '../../../src/monitor/worker/change-loop.ts';
import { FakeClock } from '../../support/fake-clock.ts';

describe('the looks at what has changed', () => {
  let clock: FakeClock;
  let firsts: boolean[];
  let answer: Promise<void>;
  let loop: ChangeLoop;

  beforeEach(() => {
    clock = new FakeClock();
    firsts = [];
    answer = Promise.resolve();
    loop = new ChangeLoop(clock, (isFirst) => {
      firsts.push(isFirst);
      return answer;
    });
  });

  test('are none while it is off', async () => {
    loop.follow(false);
    await clock.pass(10_000);
    assert.deepEqual(firsts, []);
    await loop.stop();
  });

  test('are one a second while it is on, and the first knows that it is', async () => {
    loop.follow(true);
    loop.follow(true);
    await clock.pass(0);
    assert.deepEqual(firsts, [true]);
    await clock.pass(1_000);
    await clock.pass(1_000);
    assert.deepEqual(firsts, [true, false, false]);
    loop.follow(false);
    await clock.pass(10_000);
    await clock.pass(10_000);
    assert.equal(firsts.length, 3);
    loop.follow(true);
    await clock.pass(0);
    assert.deepEqual(firsts.slice(3), [true]);
    await loop.stop();
  });

  test('never overlap, also where it is switched off and on during one', async () => {
    let finish = (): void => undefined;
    answer = new Promise((resolve) => {
      finish = resolve;
    });
    loop.follow(true);
    await clock.pass(0);
    loop.follow(false);
    loop.follow(true);
    await clock.pass(10_000);
    assert.deepEqual(firsts, [true]);
    finish();
    await clock.pass(0);
    await clock.pass(1_000);
    assert.deepEqual(firsts, [true, true]);
    await loop.stop();
  });

  test('are over when it has stopped', async () => {
    let finish = (): void => undefined;
    answer = new Promise((resolve) => {
      finish = resolve;
    });
    loop.follow(true);
    await clock.pass(0);
    let isStopped = false;
    const stopped = loop.stop().finally(() => {
      isStopped = true;
    });
    await clock.pass(10_000);
    assert.equal(isStopped, false);
    finish();
    await stopped;
    await clock.pass(10_000);
    assert.equal(firsts.length, 1);
  });
});
