import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { Memory } from '../../src/verdict/verdict.ts';
import { Driver, fail, OK, policyOf } from '../support/verdict-driver.ts';

const REFUSED = fail('refused');
const MEMORY = fail('memory');

describe('a restart that is called off while it drains', () => {
  /** An app whose restart drains, and what was remembered before that was decided. */
  function draining(): { driver: Driver; before: Memory } {
    const driver = new Driver(policyOf({ drainMs: 60_000 })).comesOnline();
    const { memory: before } = driver.answers(OK, MEMORY, MEMORY).verdict;
    driver.answers(MEMORY);
    assert.equal(driver.state, 'restarting');
    assert.notDeepEqual(driver.verdict.memory, before);
    return { driver, before };
  }

  const callOff = (driver: Driver): Driver =>
    driver.apply({
      type: 'acted',
      at: driver.now,
      result: 'skipped',
      isCalledOff: true,
      detail: 'called off',
    });

  test('costs nothing: a pause keeps budget and backoff as they were', () => {
    const { driver, before } = draining();
    driver.apply({ type: 'pause', at: driver.now, until: Number.POSITIVE_INFINITY });
    callOff(driver);
    assert.equal(driver.state, 'paused');
    assert.deepEqual(driver.verdict.memory, before);
    assert.deepEqual([driver.verdict.pending, driver.verdict.skipped], [null, null]);
  });

  test('holds back no restart of the incarnation that came meanwhile', () => {
    const { driver } = draining();
    callOff(driver.after(1_000).comesOnline().answers(OK));
    driver.answers(REFUSED, REFUSED, REFUSED);
    assert.equal(driver.state, 'restarting');
    assert.equal(driver.restarts.length, 2);
  });

  test('leaves the app to be judged from the start where nothing else has happened', () => {
    const { driver, before } = draining();
    callOff(driver);
    assert.equal(driver.state, 'starting');
    assert.deepEqual(driver.verdict.memory, before);
  });
});
