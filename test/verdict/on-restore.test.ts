import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { freshMemory, type Memory } from '../../src/verdict/verdict.ts';
import { Driver, fail, OK } from '../support/verdict-driver.ts';

const TIMEOUT = fail('timeout');

describe('a memory that is read late', () => {
  function restore(
    driver: Driver,
    memory: Partial<Memory> = {},
    pausedUntil: number | null = null,
    incident = driver.verdict.incident,
  ): Driver {
    const merged = { ...driver.verdict.memory, ...memory };
    return driver.apply({ type: 'restore', at: driver.now, memory: merged, incident, pausedUntil });
  }

  test('pauses an app that seemed new at once, in any state', () => {
    const states: Record<string, (driver: Driver) => Driver> = {
      starting: (driver) => driver.comesOnline(),
      healthy: (driver) => driver.comesOnline().answers(OK),
      failing: (driver) => driver.comesOnline().answers(OK, TIMEOUT),
      restarting: (driver) => driver.comesOnline().answers(OK, TIMEOUT, TIMEOUT, TIMEOUT),
      unknown: (driver) => {
        const healthy = driver.comesOnline().answers(OK);
        return healthy.apply({ type: 'fitness', at: healthy.now, unfit: 'lag' });
      },
    };
    for (const [name, reach] of Object.entries(states)) {
      const driver = reach(new Driver());
      assert.equal(driver.state, name);
      restore(driver, {}, Number.POSITIVE_INFINITY);
      const { state } = driver.verdict;
      assert.ok(state.name === 'paused' && state.cause === 'operator', name);
      assert.equal(state.until, Number.POSITIVE_INFINITY);
      driver.answers(TIMEOUT, TIMEOUT, TIMEOUT, TIMEOUT);
      assert.equal(driver.state, 'paused');
    }
  });

  test('leaves an app alone whose pause has ended', () => {
    const driver = new Driver().comesOnline().answers(OK);
    assert.equal(restore(driver, {}, driver.now).state, 'healthy');
  });

  test('has the budget of an app that was thought fresh counted', () => {
    const driver = new Driver().comesOnline().answers(OK, TIMEOUT, TIMEOUT);
    const now = driver.now;
    restore(driver, { budget: [now - 50, now - 40, now - 30, now - 20, now - 10] });
    assert.equal(driver.state, 'failing');
    driver.answers(TIMEOUT);
    assert.equal(driver.state, 'open');
    assert.deepEqual(driver.restarts, []);
  });

  test('lets no open breaker end early', () => {
    const driver = new Driver().comesOnline().answers(OK, TIMEOUT, TIMEOUT);
    restore(driver, { openUntil: driver.now + 5_000, cooldownMs: 5_000 }).answers(TIMEOUT);
    assert.equal(driver.state, 'open');
    const openUntil = driver.now + 3_600_000;
    restore(driver, { openUntil });
    driver.after(1_000_000).answers(TIMEOUT);
    const { state } = driver.verdict;
    assert.ok(state.name === 'open' && state.until === openUntil);
    assert.deepEqual(driver.restarts, []);
  });

  test('ends the incident of an app that is well again, and continues it for one that is not', () => {
    const incident = {
      openedAt: -9_000,
      detectedAt: -8_000,
      cause: 'timeout',
      detail: 'no answer',
      restarts: 1,
    } as const;
    const well = restore(new Driver().comesOnline().answers(OK), {}, null, incident);
    const ends = well.decisions.filter(({ type }) => type === 'incidentResolved');
    assert.deepEqual(ends, [{ type: 'incidentResolved', incident, end: 'recovered' }]);
    assert.equal(well.verdict.incident, null);
    const ill = restore(new Driver().comesOnline().answers(OK, TIMEOUT), {}, null, incident);
    ill.answers(TIMEOUT, TIMEOUT);
    assert.equal(ill.decisions.filter(({ type }) => type === 'incidentOpened').length, 0);
    assert.equal(ill.verdict.incident?.openedAt, -9_000);
    assert.equal(ill.verdict.incident?.restarts, 2);
  });

  test('changes nothing where it brings nothing', () => {
    const driver = new Driver().comesOnline().answers(OK);
    const before = driver.verdict;
    restore(driver, freshMemory(before.memory.backoff.seed));
    assert.deepEqual(driver.verdict, { ...before, memory: driver.verdict.memory });
  });
});
