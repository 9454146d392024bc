import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { Decision } from '../../../src/verdict/decision.ts';
import { Driver, OK, fail, policyOf } from '../../support/verdict-driver.ts';

const WHAT = 'vite.config.ts was saved';
const POLICY = policyOf({ restarts: { cooldownMs: 900_000 } });

/** An app that PM2 gave up, a minute ago. */
function errored(policy = POLICY): Driver {
  return new Driver(policy).comesOnline().process('errored').after(60_000).tick();
}

/** PM2 starts it, and gives it up again. */
function failsAgain(app: Driver): Driver {
  return app.after(2_000).acted('done').comesOnline().after(5_000).process('errored');
}

describe('a save', () => {
  test('brings an app that PM2 gave up its trial at once, with its reason', () => {
    const app = errored().saved(WHAT).tick();
    assert.equal(app.state, 'halfOpen');
    const [trial] = app.restarts as Extract<Decision, { type: 'restart' }>[];
    assert.equal(trial?.trial, true);
    assert.equal(trial.saved, WHAT);
    assert.equal(app.verdict.memory.budget.length, 1);
  });

  test('brings one trial and not two', () => {
    const app = failsAgain(errored().saved(WHAT).tick());
    app.after(600_000).tick();
    assert.equal(app.state, 'open');
    assert.equal(app.restarts.length, 1);
  });

  test('does not double the cooldown where it did not help, and starts it again', () => {
    const app = failsAgain(errored().saved(WHAT).tick());
    assert.equal(app.verdict.memory.cooldownMs, 900_000);
    assert.equal(app.verdict.memory.openUntil, app.now + 900_000);
    app.after(900_000).tick();
    assert.equal(app.restarts.length, 2);
    failsAgain(app);
    assert.equal(app.verdict.memory.cooldownMs, 1_800_000);
  });

  test('counts against the budget, and is tried as soon as that has room', () => {
    const app = errored(policyOf({ restarts: { limit: 2, withinMs: 600_000 } }));
    for (let times = 0; times < 3; times += 1) {
      app.after(60_000).saved(WHAT).tick();
      if (app.state === 'halfOpen') failsAgain(app);
    }
    assert.equal(app.restarts.length, 2);
    app.after(600_000).tick();
    assert.equal(app.restarts.length, 3);
  });

  test('after save waits for the backoff, so that a file that changes all the time brings no storm', () => {
    const app = errored(policyOf({ restarts: { limit: 1_000, withinMs: 3_600_000 } }));
    for (let seconds = 0; seconds < 3_600; seconds += 10) {
      app.after(3_000).saved(WHAT).tick();
      if (app.state === 'halfOpen') failsAgain(app);
    }
    assert.ok(app.restarts.length < 40, `${app.restarts.length} trials in an hour`);
  });

  test('has an app asked first that runs, and restarts it where the answer is bad', () => {
    const app = new Driver(POLICY).comesOnline().answers(OK);
    const bad = [fail('status'), fail('status'), fail('status')];
    while (app.state !== 'open') {
      app.after(200_000).answers(...bad);
      if (app.state === 'restarting') app.restarted();
    }
    const before = app.restarts.length;
    app.after(60_000).saved(WHAT).tick();
    assert.equal(app.restarts.length, before);
    app.answers(fail('status'));
    assert.equal(app.restarts.length, before + 1);
    assert.equal(app.state, 'halfOpen');
  });

  test('asks for as many good answers as ever', () => {
    const app = new Driver(POLICY).comesOnline().process('errored').after(1_000);
    app.comesOnline().saved(WHAT).answers(OK);
    assert.equal(app.state, 'healthy');
    assert.deepEqual(app.restarts, []);
  });

  test('changes nothing in any other state, and never acts against the operator', () => {
    const healthy = new Driver(POLICY).comesOnline().answers(OK).saved(WHAT).tick();
    assert.equal(healthy.state, 'healthy');
    const stopped = errored().process('stopped').saved(WHAT).tick();
    assert.equal(stopped.state, 'paused');
    const paused = errored().apply({ type: 'pause', at: 60_001, until: Infinity });
    paused.after(1_000).saved(WHAT).tick();
    assert.equal(paused.state, 'paused');
    for (const app of [healthy, stopped, paused]) assert.deepEqual(app.restarts, []);
  });

  test('in observe mode is no reason to act', () => {
    const app = errored(policyOf({ action: 'observe' }))
      .saved(WHAT)
      .tick();
    assert.deepEqual(app.restarts, []);
  });
});
