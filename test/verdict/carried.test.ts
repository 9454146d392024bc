import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { freshMemory, initialVerdict } from '../../src/verdict/verdict.ts';
import { Driver, fail, OK } from '../support/verdict-driver.ts';

const TIMEOUT = fail('timeout');

describe('what a monitor carries over from the one before', () => {
  /** A driver that begins with restored facts. */
  function carried(answered: string | null): Driver {
    const driver = new Driver();
    driver.verdict = initialVerdict(0, freshMemory(1), { incident: null, answered });
    return driver;
  }

  test('the incarnation that had answered gets no new startup time', () => {
    const driver = carried('life-1').comesOnline(60_000).answers(TIMEOUT, TIMEOUT, TIMEOUT);
    assert.equal(driver.restarts.length, 1);
  });

  test('another incarnation does', () => {
    for (const answered of [null, 'life-0']) {
      const driver = carried(answered).comesOnline(60_000).answers(TIMEOUT, TIMEOUT, TIMEOUT);
      assert.equal(driver.state, 'starting');
      assert.deepEqual(driver.restarts, []);
    }
  });

  test('an open incident continues, and ends with the first good answer', () => {
    const first = new Driver().comesOnline().answers(OK, TIMEOUT, TIMEOUT, TIMEOUT);
    const driver = new Driver();
    const { incident, memory } = first.verdict;
    driver.now = first.now;
    driver.verdict = initialVerdict(first.now, memory, { incident, answered: null });
    driver.comesOnline().answers(OK);
    const told = driver.decisions.map(({ type }) => type);
    assert.ok(!told.includes('incidentOpened'));
    const resolved = driver.decisions.find(({ type }) => type === 'incidentResolved');
    assert.ok(resolved?.type === 'incidentResolved');
    assert.deepEqual([resolved.end, resolved.incident], ['recovered', incident]);
  });

  test('and with a stop, where the operator has stopped the app meanwhile', () => {
    const first = new Driver().comesOnline().answers(OK, TIMEOUT, TIMEOUT, TIMEOUT);
    const { incident } = first.verdict;
    const driver = new Driver();
    driver.verdict = initialVerdict(first.now, freshMemory(1), { incident, answered: null });
    driver.now = first.now;
    driver.process('stopped');
    assert.equal(driver.verdict.incident, null);
  });
});
