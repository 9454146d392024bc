import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { Guard } from '../../src/monitor/guard.ts';
import { FakeClock } from '../support/fake-clock.ts';

function guarded(): { clock: FakeClock; guard: Guard; told: (string | null)[] } {
  const clock = new FakeClock();
  const guard = new Guard(clock);
  const told: (string | null)[] = [];
  guard.onChange((unfit) => told.push(unfit));
  return { clock, guard, told };
}

describe('the checker', () => {
  test('is fit while its beats come in time', async () => {
    const { clock, guard, told } = guarded();
    for (let i = 0; i < 10; i += 1) {
      await clock.pass(600);
      guard.beat();
    }
    assert.equal(guard.check(), null);
    assert.deepEqual(told, []);
  });

  test('is unfit when its own event loop was held up, before any beat says so', async () => {
    const { clock, guard, told } = guarded();
    await clock.pass(10_500);
    assert.equal(guard.check(), 'the monitor itself was held up for 10000 ms');
    assert.deepEqual(told, ['the monitor itself was held up for 10000 ms']);
  });

  test('tells of a lag once, however often it is asked while the lag grows', async () => {
    const { clock, guard, told } = guarded();
    await clock.pass(10_500);
    const first = guard.check();
    await clock.pass(3);
    assert.equal(guard.check(), first);
    await clock.pass(3);
    guard.check();
    assert.deepEqual(told, ['the monitor itself was held up for 10000 ms']);
  });

  test('tells with the next beat how long the lag was in the end', async () => {
    const { clock, guard, told } = guarded();
    await clock.pass(10_500);
    guard.check();
    await clock.pass(50_000);
    guard.beat();
    assert.equal(guard.check(), 'the monitor itself was held up for 60000 ms');
    assert.deepEqual(told, [
      'the monitor itself was held up for 10000 ms',
      'the monitor itself was held up for 60000 ms',
    ]);
  });

  test('tells of another cause at once', async () => {
    const { clock, guard, told } = guarded();
    guard.pm2Answers(false);
    await clock.pass(10_500);
    assert.match(guard.check() ?? '', /held up/);
    guard.beat();
    guard.beat();
    assert.equal(guard.check(), 'PM2 does not answer');
    assert.equal(told.length, 3);
  });

  test('stays unfit until the next beat: late answers come just after the lag', async () => {
    const { clock, guard, told } = guarded();
    await clock.pass(10_500);
    guard.beat();
    assert.match(guard.check() ?? '', /held up/);
    await clock.pass(500);
    guard.beat();
    assert.equal(guard.check(), null);
    assert.deepEqual(told, ['the monitor itself was held up for 10000 ms', null]);
  });

  test('is unfit after a suspend: the wall clock ran on alone', () => {
    const { clock, guard } = guarded();
    clock.wallTime += 3_600_000;
    assert.equal(guard.check(), 'the clock jumped by 3600000 ms');
    guard.beat();
    guard.beat();
    assert.equal(guard.check(), null);
  });

  test('is unfit after the wall clock was set back', () => {
    const { clock, guard } = guarded();
    clock.wallTime -= 3_000;
    assert.match(guard.check() ?? '', /clock jumped by -3000 ms/);
  });

  test('bears a small step of the wall clock', () => {
    const { clock, guard } = guarded();
    clock.wallTime += 1_500;
    assert.equal(guard.check(), null);
  });

  test('is unfit while PM2 does not answer', () => {
    const { guard, told } = guarded();
    guard.pm2Answers(false);
    assert.equal(guard.check(), 'PM2 does not answer');
    guard.pm2Answers(true);
    assert.equal(guard.check(), null);
    assert.deepEqual(told, ['PM2 does not answer', null]);
  });
});
