import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import type { Outcome } from '../../src/probe/probe.ts';
import { Driver, fail, OK, policyOf } from '../support/verdict-driver.ts';

const PING: Outcome = { ...OK, isShallow: true };
const DEEP_OK: Outcome = OK;
const deep = (cls: Parameters<typeof fail>[0]): Outcome => ({ ...fail(cls), isDeep: true });
const BROKEN = [deep('signature'), deep('signature'), deep('signature')];

const healthy = (policy = policyOf()): Driver => new Driver(policy).comesOnline().hears(PING);

function incidents(driver: Driver): readonly string[] {
  return driver.decisions.flatMap(({ type }) => (type.startsWith('incident') ? [type] : []));
}

describe('what the deep check found broken', () => {
  test('is well again only when the deep check finds it well', () => {
    const driver = healthy().hears(deep('source'));
    assert.equal(driver.state, 'degraded');
    assert.equal(driver.hears(PING, PING, PING).state, 'degraded');
    assert.deepEqual(incidents(driver), ['incidentOpened']);
    assert.equal(driver.hears(DEEP_OK).state, 'healthy');
    assert.deepEqual(incidents(driver), ['incidentOpened', 'incidentResolved']);
  });

  test('is not well because it was restarted and answers the ping', () => {
    const driver = healthy().hears(deep('source')).comesOnline();
    assert.equal(driver.hears(PING, PING).state, 'starting');
    assert.deepEqual(incidents(driver), ['incidentOpened']);
    assert.equal(driver.hears(DEEP_OK).state, 'healthy');
    assert.equal(driver.hears(PING).state, 'healthy');
  });

  test('stays so through a failure of the ping', () => {
    const driver = healthy().hears(deep('source'), fail('refused'), PING);
    assert.equal(driver.state, 'failing');
    assert.equal(driver.hears(DEEP_OK).state, 'healthy');
  });

  test('is forgiven by a whole answer of a probe without a deep check', () => {
    const driver = healthy().hears(deep('source'), OK);
    assert.equal(driver.state, 'healthy');
    assert.equal(driver.verdict.memory.needsDeep, false);
  });

  test('is not forgotten when the operator resets the restarts', () => {
    const driver = healthy().hears(deep('source'));
    driver.apply({ type: 'reset', at: driver.now });
    assert.equal(driver.hears(PING).state, 'degraded');
  });

  test('and restarted twice without a good deep answer opens the breaker', () => {
    const driver = healthy(policyOf({ startupTimeoutMs: 1_000 })).hears(...BROKEN);
    assert.equal(driver.restarts.length, 1);
    driver
      .restarted()
      .hears(PING, PING)
      .after(10_000)
      .hears(...BROKEN);
    assert.equal(driver.restarts.length, 2);
    driver
      .restarted()
      .hears(PING, PING)
      .after(10_000)
      .hears(...BROKEN);
    assert.equal(driver.restarts.length, 2);
    assert.equal(driver.state, 'open');
    assert.equal(driver.hears(PING, PING, PING).state, 'open');
    assert.equal(driver.hears(DEEP_OK, DEEP_OK).state, 'healthy');
  });

  test('never costs more than two restarts before the breaker, with any answer to the ping', () => {
    const answers = fc.array(fc.constantFrom(PING, deep('status'), fail('refused')));
    fc.assert(
      fc.property(fc.array(answers, { minLength: 5, maxLength: 20 }), (lives) => {
        const driver = healthy(policyOf({ startupTimeoutMs: 1_000 })).hears(deep('status'));
        for (const heard of lives) {
          driver.hears(...heard).after(20_000);
          if (driver.state === 'restarting') driver.restarted();
          assert.notEqual(driver.state, 'healthy');
        }
        assert.ok(driver.restarts.length <= 2);
      }),
    );
  });
});
