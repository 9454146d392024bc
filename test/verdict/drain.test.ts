import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { isDraining } from '../../src/verdict/drain.ts';
import type { Policy } from '../../src/verdict/policy.ts';
import { Driver, fail, OK, policyOf } from '../support/verdict-driver.ts';

const MEMORY = fail('memory');
const HUNG = fail('timeout');
const DRAIN_MS = 60_000;

const rules = { drainMs: DRAIN_MS, startupTimeoutMs: 1_000 };

/** An app that is well, with one restart before that it has not been forgiven yet. */
function healthy(policy: Policy = policyOf(rules)): Driver {
  const driver = new Driver(policy).comesOnline(1e6).answers(OK);
  driver.answers(HUNG, HUNG, HUNG).restarted().answers(OK);
  driver.after(60_000).answers(OK);
  driver.decisions = [];
  return driver;
}

/** An app that needs too much memory and drains; `memory` is what was remembered of it before. */
function draining(): { driver: Driver; memory: Driver['verdict']['memory'] } {
  const driver = healthy();
  const { memory } = driver.verdict;
  driver.answers(MEMORY, MEMORY, MEMORY);
  assert.ok(isDraining(driver.verdict.state));
  return { driver, memory };
}

/** Asserts that the app does not drain and has no restart, and that nothing was charged for one. */
function isCalledOff({ driver, memory }: ReturnType<typeof draining>): void {
  assert.ok(!isDraining(driver.verdict.state));
  assert.equal(driver.restarts.length, 0);
  assert.equal(driver.verdict.pending, null);
  const { budget, backoff, restartsSinceOk, openUntil } = driver.verdict.memory;
  const { budget: b, backoff: o, restartsSinceOk: r, openUntil: u } = memory;
  assert.deepEqual(
    { budget, backoff, restartsSinceOk, openUntil },
    { budget: b, backoff: o, restartsSinceOk: r, openUntil: u },
  );
}

describe('a restart that drains', () => {
  test('is decided and charged at the end of the drain, with the probe that comes then', () => {
    const { driver, memory } = draining();
    assert.equal(driver.verdict.memory, memory);
    const endsAt = driver.now + DRAIN_MS;
    while (driver.now < endsAt - 1_000) driver.answers(MEMORY);
    assert.deepEqual([driver.state, driver.restarts.length], ['backoff', 0]);
    driver.answers(MEMORY);
    assert.deepEqual([driver.state, driver.restarts.length], ['restarting', 1]);
    assert.equal(driver.verdict.memory.budget.length, memory.budget.length + 1);
  });

  test('has none where the app has no requests to lose, and none is wanted', () => {
    for (const [outcome, drainMs] of [
      [HUNG, DRAIN_MS],
      [MEMORY, 0],
    ] as const) {
      const driver = healthy(policyOf({ ...rules, drainMs }));
      driver.answers(outcome, outcome);
      const at = driver.after(1_000).now;
      driver.sample({ ...outcome, at, durationMs: 1 });
      assert.equal(driver.state, 'restarting', outcome.class);
    }
  });

  test('has none where the app has not answered since its start, nor in a trial', () => {
    const driver = healthy(policyOf({ ...rules, drainMs: 2_000, failureThreshold: 1 }));
    driver.answers(MEMORY, MEMORY, MEMORY).restarted();
    driver.after(60_000).answers(MEMORY);
    assert.equal(driver.state, 'restarting');
    driver.restarted().answers(MEMORY);
    assert.equal(driver.state, 'open');
    driver.after(900_000).answers(MEMORY);
    assert.equal(driver.state, 'halfOpen');
  });

  test('is a reload where that is set', () => {
    const driver = healthy(policyOf({ ...rules, action: 'reload' }));
    driver.answers(MEMORY, MEMORY, MEMORY).after(DRAIN_MS).answers(MEMORY);
    const [decision] = driver.restarts;
    assert.ok(decision?.type === 'restart');
    assert.equal(decision.method, 'reload');
  });

  test('is called off by a pause, a stop, an end of its watch, and a debugger', () => {
    for (const end of ['pause', 'stopped', 'gone', 'unwatched', 'debugger'] as const) {
      const drained = draining();
      const { driver } = drained;
      const at = driver.now;
      if (end === 'pause') driver.apply({ type: end, at, until: Number.POSITIVE_INFINITY });
      else if (end === 'debugger') driver.apply({ type: end, at, by: 'node inspect' });
      else driver.process(end);
      assert.equal(driver.state, 'paused', end);
      driver.after(DRAIN_MS).answers(MEMORY, MEMORY);
      isCalledOff(drained);
    }
  });

  test('drains once more after a pause of the same process, which was as last known until then', () => {
    for (const end of ['pause', 'debugger'] as const) {
      const { driver } = draining();
      if (end === 'pause') driver.apply({ type: end, at: driver.now, until: Infinity });
      else driver.apply({ type: end, at: driver.now, by: 'node inspect' });
      driver.after(DRAIN_MS);
      if (end === 'pause') driver.apply({ type: 'resume', at: driver.now });
      else driver.apply({ type: end, at: driver.now, by: null });
      driver.answers(MEMORY, MEMORY, MEMORY);
      assert.ok(isDraining(driver.verdict.state), end);
      driver.after(DRAIN_MS).answers(MEMORY);
      assert.equal(driver.restarts.length, 1, end);
    }
  });

  test('is called off by a crash, and by a restart of the operator', () => {
    const crashed = draining();
    crashed.driver.process('transit');
    isCalledOff(crashed);
    crashed.driver.comesOnline().answers(OK);
    assert.equal(crashed.driver.state, 'healthy');
    const restarted = draining();
    restarted.driver.comesOnline().after(DRAIN_MS).answers(OK, MEMORY, MEMORY);
    isCalledOff(restarted);
  });

  test('is called off where the app needs less memory again, and drains once more where it does not', () => {
    const drained = draining();
    const { driver } = drained;
    driver.answers(MEMORY, OK);
    assert.equal(driver.state, 'healthy');
    isCalledOff({ driver, memory: { ...drained.memory, restartsSinceOk: 0 } });
    driver.after(DRAIN_MS).answers(MEMORY, MEMORY);
    assert.equal(driver.state, 'failing');
    driver.answers(MEMORY);
    assert.ok(isDraining(driver.verdict.state));
  });

  test('is called off by a reset, which judges the app from the start', () => {
    const drained = draining();
    const { driver } = drained;
    driver.apply({ type: 'reset', at: driver.now });
    assert.equal(driver.state, 'starting');
    assert.equal(driver.restarts.length, 0);
    assert.deepEqual(driver.verdict.memory.budget, []);
  });

  test('is called off by a deploy and by a failure of many apps, and then drains once more', () => {
    for (const hold of ['deploy', 'all', 'dependency'] as const) {
      const drained = draining();
      const { driver } = drained;
      const at = driver.now;
      const on = { reason: 'db is down', isDown: true };
      if (hold === 'deploy') driver.deploy = { reason: 'npm ci is at work', isCertain: false };
      if (hold === 'all') driver.heldUntil = driver.now + 2 * DRAIN_MS;
      if (hold === 'dependency') driver.apply({ type: hold, at, hold: on });
      // At the end of the drain a look at the files comes before the restart.
      driver.after(DRAIN_MS).answers(MEMORY, MEMORY);
      isCalledOff(drained);
      driver.deploy = null;
      if (hold === 'dependency') driver.apply({ type: hold, at: driver.now, hold: null });
      driver.after(2 * DRAIN_MS).answers(MEMORY, MEMORY, MEMORY);
      assert.ok(isDraining(driver.verdict.state), hold);
      driver.after(DRAIN_MS).answers(MEMORY);
      assert.equal(driver.restarts.length, 1, hold);
    }
  });

  test('is not waited for where the app hangs meanwhile', () => {
    const { driver } = draining();
    driver.answers(HUNG);
    assert.equal(driver.state, 'restarting');
  });

  test('waits at its end for the slot, and drains on', () => {
    const { driver } = draining();
    driver.after(DRAIN_MS);
    driver.slotFreeAt = Number.POSITIVE_INFINITY;
    driver.answers(MEMORY, MEMORY);
    assert.ok(isDraining(driver.verdict.state));
    driver.slotFreeAt = driver.now;
    driver.answers(MEMORY);
    assert.equal(driver.restarts.length, 1);
  });

  test('goes by the settings of now', () => {
    const { driver } = draining();
    const policy = (more: Partial<Policy>): Driver => {
      const other = new Driver({ ...driver.policy, ...more });
      other.verdict = driver.verdict;
      // The same incarnation.
      return Object.assign(other, { now: driver.now });
    };
    const answer = (other: Driver): Driver =>
      other.after(1_000).sample({ ...MEMORY, at: other.now, durationMs: 1 }, driver.life);
    assert.equal(answer(policy({ action: 'observe' })).state, 'failing');
    assert.equal(answer(policy({ drainMs: 0 })).state, 'restarting');
    const shorter = answer(policy({ drainMs: 500 }));
    assert.equal(answer(shorter).state, 'restarting');
  });
});

describe('several apps that drain', () => {
  test('drain one after the other', () => {
    const driver = healthy();
    driver.drainFreeAt = driver.now + 2 * DRAIN_MS;
    driver.answers(MEMORY, MEMORY, MEMORY);
    assert.equal(driver.state, 'backoff');
    assert.ok(!isDraining(driver.verdict.state));
    driver.after(2 * DRAIN_MS).answers(MEMORY);
    assert.ok(isDraining(driver.verdict.state));
    // Its own drain does not hold it back.
    driver.drainFreeAt = driver.now + 2 * DRAIN_MS;
    driver.after(DRAIN_MS).answers(MEMORY);
    assert.equal(driver.restarts.length, 1);
  });

  test('hold back no app that hangs', () => {
    const driver = healthy();
    driver.drainFreeAt = Number.POSITIVE_INFINITY;
    driver.answers(HUNG, HUNG, HUNG);
    assert.equal(driver.state, 'restarting');
  });
});
