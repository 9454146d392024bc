import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { FitnessWatch } from '../../src/monitor/worker/fitness-watch.ts';
import { SelfCheck } from '../../src/monitor/self-check.ts';
import type { Sample } from '../../src/probe/probe.ts';
import { Driver, fail, OK } from '../support/verdict-driver.ts';
import { FakeClock } from '../support/fake-clock.ts';

function guarded(): { clock: FakeClock; selfCheck: SelfCheck; told: (string | null)[] } {
  const clock = new FakeClock();
  const selfCheck = new SelfCheck(clock);
  const told: (string | null)[] = [];
  selfCheck.onChange((unfit) => told.push(unfit));
  return { clock, selfCheck, told };
}

function okAt(at: number): Sample {
  return { kind: 'ok', detail: '200', at, durationMs: 1 };
}

describe('the checker', () => {
  test('is fit while its beats come in time', async () => {
    const { clock, selfCheck, told } = guarded();
    for (let i = 0; i < 10; i += 1) {
      await clock.pass(600);
      selfCheck.beat();
    }
    assert.equal(selfCheck.check(), null);
    assert.deepEqual(told, []);
  });

  test('has had a whole round, or says since when it has not', async () => {
    const { clock, selfCheck } = guarded();
    assert.equal(selfCheck.roundTrouble(), "PM2's list of apps has not been read yet");
    selfCheck.onPm2Answer(null);
    assert.match(selfCheck.roundTrouble() ?? '', /not been read/);
    selfCheck.onRoundEnd();
    await clock.pass(60_000);
    assert.equal(selfCheck.roundTrouble(), null);
    await clock.pass(30_000);
    assert.equal(selfCheck.roundTrouble(), 'the apps were not checked for 1.5m');
  });

  test('is unfit when its own event loop was held up, before any beat says so', async () => {
    const { clock, selfCheck, told } = guarded();
    await clock.pass(10_500);
    assert.equal(selfCheck.check(), 'the monitor itself was held up for 10000 ms');
    assert.deepEqual(told, ['the monitor itself was held up for 10000 ms']);
  });

  test('reports a lag once, no matter how often it is called while the lag grows', async () => {
    const { clock, selfCheck, told } = guarded();
    await clock.pass(10_500);
    const first = selfCheck.check();
    await clock.pass(3);
    assert.equal(selfCheck.check(), first);
    await clock.pass(3);
    selfCheck.check();
    assert.deepEqual(told, ['the monitor itself was held up for 10000 ms']);
  });

  test('reports the whole lag with the next beat', async () => {
    const { clock, selfCheck, told } = guarded();
    await clock.pass(10_500);
    selfCheck.check();
    await clock.pass(50_000);
    selfCheck.beat();
    assert.equal(selfCheck.check(), 'the monitor itself was held up for 60000 ms');
    assert.deepEqual(told, [
      'the monitor itself was held up for 10000 ms',
      'the monitor itself was held up for 60000 ms',
    ]);
  });

  test('reports another cause at once', async () => {
    const { clock, selfCheck, told } = guarded();
    selfCheck.onPm2Answer('no answer within 5 s');
    await clock.pass(10_500);
    assert.match(selfCheck.check() ?? '', /held up/);
    selfCheck.beat();
    selfCheck.beat();
    assert.equal(selfCheck.check(), 'PM2 does not answer (no answer within 5 s)');
    assert.equal(told.length, 3);
  });

  test('stays unfit until the next beat: late answers come just after the lag', async () => {
    const { clock, selfCheck, told } = guarded();
    await clock.pass(10_500);
    selfCheck.beat();
    assert.match(selfCheck.check() ?? '', /held up/);
    await clock.pass(500);
    selfCheck.beat();
    assert.equal(selfCheck.check(), null);
    assert.deepEqual(told, ['the monitor itself was held up for 10000 ms', null]);
  });

  test('is unfit after a suspend: the wall clock ran on alone', () => {
    const { clock, selfCheck } = guarded();
    clock.wallTime += 3_600_000;
    assert.equal(selfCheck.check(), 'the clock jumped by 3600000 ms');
    selfCheck.beat();
    selfCheck.beat();
    assert.equal(selfCheck.check(), null);
  });

  test('is unfit after the wall clock was set back', () => {
    const { clock, selfCheck } = guarded();
    clock.wallTime -= 3_000;
    assert.match(selfCheck.check() ?? '', /clock jumped by -3000 ms/);
  });

  test('bears a small step of the wall clock', () => {
    const { clock, selfCheck } = guarded();
    clock.wallTime += 1_500;
    assert.equal(selfCheck.check(), null);
  });

  test('is unfit while PM2 does not answer', () => {
    const { selfCheck, told } = guarded();
    selfCheck.onPm2Answer('no answer within 5 s');
    assert.equal(selfCheck.check(), 'PM2 does not answer (no answer within 5 s)');
    selfCheck.onPm2Answer(null);
    assert.equal(selfCheck.check(), null);
    assert.deepEqual(told, ['PM2 does not answer (no answer within 5 s)', null]);
  });
});

describe('a lag whose cause is known', () => {
  test('concerns that target: the monitor stays fit, and probes in flight are not judged', async () => {
    const { clock, selfCheck, told } = guarded();
    const [before, watch] = [clock.now(), new FitnessWatch(selfCheck)];
    await clock.pass(2_300);
    selfCheck.blame('api', 1_800);
    assert.equal(selfCheck.check(), null);
    selfCheck.beat();
    assert.equal(selfCheck.check(), null);
    assert.deepEqual(told, []);
    assert.deepEqual(watch.look(clock.now()), []);
    assert.equal(watch.isSound(okAt(before)), false);
    assert.equal(watch.isSound(okAt(clock.now())), true);
  });

  test('explains no more than it took, and is named', async () => {
    const { clock, selfCheck } = guarded();
    await clock.pass(10_500);
    selfCheck.blame('api', 1_800);
    selfCheck.blame('web', 300);
    assert.equal(
      selfCheck.check(),
      'the monitor itself was held up for 10000 ms, judging the answer of api took 1.8s of it',
    );
  });

  test('explains no later lag', async () => {
    const { clock, selfCheck } = guarded();
    await clock.pass(2_300);
    selfCheck.blame('api', 1_800);
    selfCheck.beat();
    await clock.pass(2_300);
    assert.match(selfCheck.check() ?? '', /^the monitor itself was held up for 1800 ms$/);
  });
});

describe('a machine on which the monitor lags again and again', () => {
  /**
   * When a hung app is restarted, in minutes; null within an hour. A probe begins every 10 s and waits 5 s in
   * vain, or 1 s once it is suspect; the event loop is held up for 1.2 s in each `everyMs`.
   */
  async function restartedAfter(everyMs: number): Promise<number | null> {
    const { clock, selfCheck } = guarded();
    const watch = new FitnessWatch(selfCheck);
    const driver = new Driver();
    driver.process('online').answers(OK);
    driver.load = 'idle';
    const began = clock.now();
    const learn = (): void => {
      for (const event of watch.look(driver.now)) driver.apply(event);
    };
    let asked = clock.now();
    for (let passed = 0; passed < 3_600_000; passed += 100) {
      const isLag = passed % everyMs === 0;
      await clock.pass(isLag ? 1_700 : 100);
      if (isLag || passed % 500 === 0) selfCheck.beat();
      driver.now += isLag ? 1_700 : 100;
      driver.tick();
      learn();
      if (clock.now() - asked < 5_000) continue;
      const sample: Sample = { ...fail('timeout'), at: asked, durationMs: 5_000 };
      if (driver.state !== 'unknown' && watch.isSound(sample)) driver.sample(sample);
      asked = clock.now();
      if (driver.decisions.some(({ type }) => type === 'restart')) {
        return (clock.now() - began) / 60_000;
      }
    }
    return null;
  }

  test('restarts a hung app after five minutes of it, however long it goes on', async () => {
    const minutes = await restartedAfter(16_000);
    assert.ok(minutes !== null && minutes > 5 && minutes < 7, `${minutes}`);
  });

  test('restarts it after fifteen where each probe meets a lag', async () => {
    const minutes = await restartedAfter(3_000);
    assert.ok(minutes !== null && minutes > 15 && minutes < 17, `${minutes}`);
  });

  test('is unfit again at the first lag after a minute without one', async () => {
    const { clock, selfCheck } = guarded();
    for (let lag = 0; lag < 40; lag += 1) {
      await clock.pass(10_000);
      selfCheck.beat();
    }
    assert.equal(selfCheck.check(), null);
    for (let calm = 0; calm < 125; calm += 1) {
      await clock.pass(500);
      selfCheck.beat();
    }
    await clock.pass(2_000);
    assert.match(selfCheck.check() ?? '', /held up for 1500 ms/);
  });
});

describe('a worker', () => {
  test('hears in its own turn of a spell that came and went, once', async () => {
    const { clock, selfCheck } = guarded();
    const [early, watch] = [clock.now(), new FitnessWatch(selfCheck)];
    await clock.pass(10_500);
    selfCheck.beat();
    await clock.pass(500);
    selfCheck.beat();
    const at = clock.now();
    assert.equal(watch.isSound(okAt(early)), false);
    assert.deepEqual(watch.look(at), [
      { type: 'fitness', at, unfit: 'the monitor itself was held up for 10000 ms' },
      { type: 'fitness', at, unfit: null },
    ]);
    assert.deepEqual(watch.look(at), []);
    assert.deepEqual(
      new FitnessWatch(selfCheck).look(at),
      [],
      'who came after it has nothing to hear',
    );
  });

  test('sees only the end where it saw the beginning', () => {
    const { clock, selfCheck } = guarded();
    const watch = new FitnessWatch(selfCheck);
    selfCheck.onPm2Answer('no answer within 5 s');
    const at = clock.now();
    assert.deepEqual(watch.look(at), [
      { type: 'fitness', at, unfit: 'PM2 does not answer (no answer within 5 s)' },
    ]);
    selfCheck.onPm2Answer(null);
    assert.deepEqual(watch.look(at), [{ type: 'fitness', at, unfit: null }]);
    assert.deepEqual(watch.look(at), []);
  });
});
