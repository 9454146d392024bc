import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { DiskQueue } from '../../src/time/disk-queue.ts';
import { FakeClock } from '../support/fake-clock.ts';
import { gate } from '../support/gate.ts';

/** Lets so much time pass, in steps, so that what waits in turns sees each. */
async function pass(clock: FakeClock, ms: number): Promise<void> {
  for (let left = ms; left > 0; left -= 100) await clock.pass(100);
}

describe('the queue for a disk', () => {
  test('runs one after the other, and gives each its own outcome', async () => {
    const queue = new DiskQueue(new FakeClock());
    const order: string[] = [];
    const first = gate();
    const one = queue.run(async () => {
      order.push('one');
      await first.opened;
      order.push('one over');
      return 1;
    });
    const two = queue.run(async () => {
      order.push('two');
      throw new Error('EIO');
    });
    const three = queue.run(() => Promise.resolve(3));
    first.open();
    assert.equal(await one, 1);
    await assert.rejects(two, /EIO/);
    assert.equal(await three, 3);
    assert.deepEqual(order, ['one', 'one over', 'two']);
  });

  test('begins nothing while one hangs, and continues once that is over', async () => {
    const clock = new FakeClock();
    const queue = new DiskQueue(clock, 2_000);
    const hang = gate();
    const late: number[] = [];
    const hung = queue.run(
      () => hang.opened.then(() => 7),
      (value) => late.push(value),
    );
    let begun = 0;
    const tries = Array.from({ length: 100 }, () =>
      queue.run(() => {
        begun += 1;
        return Promise.resolve();
      }),
    );
    const outcomes = Promise.allSettled([hung, ...tries]);
    await pass(clock, 4_500);
    const all = await outcomes;
    assert.ok(all.every(({ status }) => status === 'rejected'));
    assert.equal(begun, 0);
    const refused = queue.run(() => Promise.resolve());
    await assert.rejects(refused, { message: 'the disk did not answer within 2000 ms' });
    hang.open();
    await clock.pass(1);
    assert.deepEqual(late, [7]);
    assert.equal(await queue.run(() => Promise.resolve('well')), 'well');
  });

  test('takes one jump of the clock for no hang', async () => {
    const clock = new FakeClock();
    const queue = new DiskQueue(clock, 2_000);
    const answer = gate();
    const asked = queue.run(() => answer.opened.then(() => 'in time'));
    await clock.pass(1);
    // The loop was blocked for a minute, and the answer was there all the time.
    await clock.pass(60_000);
    answer.open();
    assert.equal(await asked, 'in time');
  });
});
