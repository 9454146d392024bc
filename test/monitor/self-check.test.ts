import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { FitnessWatch } from '../../src/monitor/worker/fitness-watch.ts';
import { Guard } from '../../src/monitor/self-check.ts';
import type { Sample } from '../../src/probe/probe.ts';
import { FakeClock } from '../support/fake-clock.ts';

function guarded(): { clock: FakeClock; guard: Guard; told: (string | null)[] } {
  const clock = new FakeClock();
  const guard = new Guard(clock);
  const told: (string | null)[] = [];
  guard.onChange((unfit) => told.push(unfit));
  return { clock, guard, told };
}

function okAt(at: number): Sample {
  return { kind: 'ok', detail: '200', at, durationMs: 1 };
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

describe('a lag whose cause is known', () => {
  test('is that target’s own: nobody is unfit, and what was asked meanwhile is not judged', async () => {
    const { clock, guard, told } = guarded();
    const [before, watch] = [clock.now(), new FitnessWatch(guard)];
    await clock.pass(2_300);
    guard.blame('api', 1_800);
    assert.equal(guard.check(), null);
    guard.beat();
    assert.equal(guard.check(), null);
    assert.deepEqual(told, []);
    assert.deepEqual(watch.look(clock.now()), []);
    assert.equal(watch.isSound(okAt(before)), false);
    assert.equal(watch.isSound(okAt(clock.now())), true);
  });

  test('explains no more than it took, and is named', async () => {
    const { clock, guard } = guarded();
    await clock.pass(10_500);
    guard.blame('api', 1_800);
    guard.blame('web', 300);
    assert.equal(
      guard.check(),
      'the monitor itself was held up for 10000 ms, judging the answer of api took 1.8s of it',
    );
  });

  test('explains no later lag', async () => {
    const { clock, guard } = guarded();
    await clock.pass(2_300);
    guard.blame('api', 1_800);
    guard.beat();
    await clock.pass(2_300);
    assert.match(guard.check() ?? '', /^the monitor itself was held up for 1800 ms$/);
  });
});

describe('a worker', () => {
  test('hears in its own turn of a spell that came and went, once', async () => {
    const { clock, guard } = guarded();
    const [early, watch] = [clock.now(), new FitnessWatch(guard)];
    await clock.pass(10_500);
    guard.beat();
    await clock.pass(500);
    guard.beat();
    const at = clock.now();
    assert.equal(watch.isSound(okAt(early)), false);
    assert.deepEqual(watch.look(at), [
      { type: 'fitness', at, unfit: 'the monitor itself was held up for 10000 ms' },
      { type: 'fitness', at, unfit: null },
    ]);
    assert.deepEqual(watch.look(at), []);
    assert.deepEqual(new FitnessWatch(guard).look(at), [], 'who came after it has nothing to hear');
  });

  test('hears of the end alone where it heard of the beginning', () => {
    const { clock, guard } = guarded();
    const watch = new FitnessWatch(guard);
    guard.pm2Answers(false);
    const at = clock.now();
    assert.deepEqual(watch.look(at), [{ type: 'fitness', at, unfit: 'PM2 does not answer' }]);
    guard.pm2Answers(true);
    assert.deepEqual(watch.look(at), [{ type: 'fitness', at, unfit: null }]);
    assert.deepEqual(watch.look(at), []);
  });
});
