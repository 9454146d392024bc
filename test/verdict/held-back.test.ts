import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { Driver, OK, fail, policyOf } from '../support/verdict-driver.ts';

const DOWN = fail('refused');

function healthy(policy = policyOf()): Driver {
  return new Driver(policy).comesOnline(1e6).answers(OK);
}

/** An app whose restart was just asked for. */
function restarting(policy = policyOf()): Driver {
  const driver = healthy(policy).answers(DOWN, DOWN, DOWN);
  assert.equal(driver.state, 'restarting');
  return driver;
}

describe('a hold of all', () => {
  test('passes, and then a full run of new answers is needed', () => {
    const driver = healthy();
    driver.heldUntil = driver.now + 30_000;
    driver.answers(DOWN, DOWN, DOWN);
    assert.equal(driver.state, 'backoff');
    while (driver.now < driver.heldUntil - 1_000) driver.answers(DOWN);
    // Asked at the last moment of the hold, answered after it.
    const askedAt = driver.heldUntil - 1;
    driver.after(2_000).sample({ ...DOWN, at: askedAt, durationMs: 1 });
    driver.answers(DOWN, DOWN);
    assert.equal(driver.restarts.length, 0);
    assert.equal(driver.answers(DOWN).restarts.length, 1);
  });

  test('that ends with a good answer leads to nothing', () => {
    const driver = healthy();
    driver.heldUntil = driver.now + 30_000;
    driver.answers(DOWN, DOWN, DOWN, DOWN, DOWN, DOWN, DOWN, OK);
    assert.equal(driver.after(60_000).answers(OK).restarts.length, 0);
    assert.equal(driver.state, 'healthy');
  });
});

describe('a trial that is due', () => {
  test('waits for a probe that began after the hold, as any restart does', () => {
    const policy = policyOf({ failureThreshold: 1, startupTimeoutMs: 1_000 });
    const driver = new Driver(policy).process('errored').after(1).comesOnline(5_000);
    driver.after(policy.restarts.cooldownMs + 60_000);
    driver.heldUntil = driver.now - 10;
    driver.sample({ ...DOWN, at: driver.now - 20, durationMs: 20 });
    assert.equal(driver.restarts.length, 0);
    assert.equal(driver.answers(DOWN).restarts.length, 1);
  });
});

describe('an order that is not issued', () => {
  test('is tried again later and later, for the reason that is kept', () => {
    const driver = restarting();
    const gaps: number[] = [];
    for (let round = 0; round < 8; round += 1) {
      const at = driver.now;
      driver.acted('skipped', 'PM2 says no');
      const asked = driver.restarts.length;
      while (driver.restarts.length === asked) driver.answers(DOWN);
      gaps.push(driver.now - at);
    }
    assert.deepEqual(gaps.slice(0, 4), [10_000, 20_000, 40_000, 80_000]);
    assert.deepEqual(gaps.slice(-2), [300_000, 300_000]);
    assert.deepEqual(driver.verdict.skipped, { reason: 'PM2 says no', times: 8 });
    assert.equal(driver.verdict.memory.budget.length, 1);
  });

  test('is forgotten with a good answer, a new incarnation, or an order that is issued', () => {
    assert.equal(restarting().acted('skipped', 'no').answers(OK).verdict.skipped, null);
    assert.equal(restarting().acted('skipped', 'no').comesOnline().verdict.skipped, null);
    const driver = restarting().acted('skipped', 'no').after(20_000).answers(DOWN, DOWN, DOWN);
    assert.equal(driver.restarts.length, 2);
    assert.equal(driver.acted('done').verdict.skipped, null);
  });
});

describe('a process that could not be stopped', () => {
  /** PM2's restart has failed on it: it says errored, with the pid kept. */
  function stuck(policy = policyOf()): Driver {
    return restarting(policy).after(4_000).acted('stuck', 'PM2 could not stop process 7');
  }

  test('has spent nothing, and the app is started when it has gone', () => {
    const driver = stuck();
    assert.equal(driver.state, 'backoff');
    assert.deepEqual(driver.verdict.memory.budget, []);
    for (let second = 0; second < 80; second += 1) driver.after(1_000).process('stuck').tick();
    assert.equal(driver.restarts.length, 1);
    driver.process('transit').after(500).process('errored').tick();
    assert.equal(driver.restarts.length, 2);
    const [, again] = driver.restarts;
    assert.ok(again?.type === 'restart' && again.incarnation === null && !again.trial);
    assert.equal(driver.restarted().answers(OK).state, 'healthy');
  });

  test('is reported by PM2 before our call is over: the same', () => {
    const driver = restarting().after(4_000).process('stuck');
    assert.equal(driver.state, 'restarting');
    assert.equal(driver.acted('stuck', 'x').process('stuck').state, 'backoff');
  });

  test('of a restart that was not ours is waited for as well', () => {
    const driver = healthy().process('transit').process('stuck').tick();
    assert.equal(driver.state, 'backoff');
    driver.after(60_000).process('errored').tick();
    assert.equal(driver.restarts.length, 1);
  });

  test('and is stopped by the operator stays down', () => {
    const driver = stuck().process('stuck').process('stopped').after(60_000).tick();
    assert.equal(driver.state, 'paused');
    assert.equal(driver.restarts.length, 1);
  });

  test('again and again waits for the backoff, which continues to grow', () => {
    const driver = stuck();
    const gaps: number[] = [];
    for (let round = 0; round < 4; round += 1) {
      const at = driver.now;
      const asked = driver.restarts.length;
      driver.process('errored');
      while (driver.restarts.length === asked) driver.after(100).tick();
      gaps.push(driver.now - at);
      driver.acted('stuck', 'x');
    }
    assert.deepEqual(
      gaps,
      gaps.toSorted((a, b) => a - b),
    );
  });

  test('in observe mode is only reported', () => {
    const driver = healthy(policyOf({ action: 'observe' }))
      .process('stuck')
      .process('errored');
    assert.equal(driver.after(1e9).tick().restarts.length, 0);
  });

  test('and comes back as the same incarnation is judged from the start', () => {
    const driver = stuck().process('stuck').process('online');
    assert.equal(driver.answers(OK).state, 'healthy');
  });
});

describe('an incarnation whose ready message PM2 waits for', () => {
  test('is up with its first good answer, and stays so when PM2 has heard of it', () => {
    const driver = restarting().after(1_000).process('transit').launches().answers(OK);
    assert.equal(driver.state, 'healthy');
    const { since } = driver.verdict;
    assert.equal(driver.process('online').state, 'healthy');
    assert.equal(driver.verdict.since, since);
  });

  test('is not restarted, no matter how long it does not answer', () => {
    const driver = restarting().launches().answers(OK);
    for (let second = 0; second < 200; second += 1) driver.answers(DOWN);
    assert.equal(driver.state, 'failing');
    assert.equal(driver.restarts.length, 1);
    // PM2's call is over, and its word is online.
    driver.acted('done').process('online').answers(DOWN);
    assert.equal(driver.restarts.length, 2);
  });

  test('gets no second restart while the call of the first has not returned', () => {
    const driver = restarting().comesOnline().answers(OK, DOWN, DOWN, DOWN);
    assert.equal(driver.after(60_000).answers(DOWN).state, 'backoff');
    assert.equal(driver.restarts.length, 1);
    assert.equal(driver.acted('done').answers(DOWN).restarts.length, 2);
  });
});
