import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { LostEvidence } from '../../../src/verdict/process.ts';
import { Driver, OK, fail, policyOf } from '../../support/verdict-driver.ts';

const GONE: LostEvidence = { detail: 'PM2 could not start it: /logs is missing', missing: '/logs' };
const BACK: LostEvidence = { detail: 'PM2 could not start it: /logs was missing', missing: null };
const MEMORY: LostEvidence = { detail: 'PM2 could not start it: no memory', missing: null };

/** An app that was up, and that PM2 lost. */
function lost(evidence: LostEvidence, policy = policyOf()): Driver {
  const driver = new Driver(policy).comesOnline(1e6).answers(OK).process('transit').after(3_000);
  return loses(driver, evidence);
}

function loses(driver: Driver, evidence: LostEvidence): Driver {
  return driver.process('lost', 0, evidence);
}

/** A restart of ours whose start fails: the app is lost again a little later. */
function failsToStart(driver: Driver, evidence: LostEvidence): Driver {
  return loses(
    driver.after(1_000).acted('failed', 'ENOMEM').process('transit').after(5_000),
    evidence,
  );
}

function kindsOf({ decisions }: Driver): string[] {
  return decisions.map(({ type }) => type).filter((type) => type !== 'transition');
}

describe('an app that PM2 lost', () => {
  test('is an incident of that class, and started at once where nothing is known to be missing', () => {
    const driver = lost(MEMORY).after(1_000).tick();
    assert.deepEqual(kindsOf(driver), ['incidentOpened', 'restart']);
    assert.equal(driver.verdict.incident?.cause, 'lost');
    assert.equal(driver.verdict.incident.detail, MEMORY.detail);
    const [restart] = driver.restarts;
    assert.ok(restart?.type === 'restart');
    assert.deepEqual([restart.incarnation, restart.method, restart.attempt], [null, 'restart', 1]);
    assert.equal(driver.restarted().answers(OK).state, 'healthy');
    assert.deepEqual(kindsOf(driver).slice(2), ['incidentResolved']);
  });

  test('is tried again by backoff within the budget, then by the breaker', () => {
    const driver = lost(MEMORY);
    const gaps: number[] = [];
    for (let trials = 0, last = driver.now; trials < 7;) {
      if (driver.after(1_000).tick().restarts.length === trials) continue;
      trials += 1;
      gaps.push(driver.now - last);
      last = driver.now;
      failsToStart(driver, MEMORY);
      assert.ok(driver.now < 1e7, 'trials go on');
    }
    const [first = 0, second = 0] = gaps;
    assert.ok(first <= 1_000 && second < 15_000, gaps.join(' '));
    // A shortage of a minute or so is over before the budget is spent.
    const spentMs = gaps.slice(0, 5).reduce((sum, gap) => sum + gap, 0);
    assert.ok(spentMs > 30_000 && spentMs < 120_000, gaps.join(' '));
    const [sixth = 0, seventh = 0] = gaps.slice(5);
    assert.ok(sixth >= 900_000 && seventh >= 1_800_000, gaps.join(' '));
    assert.equal(driver.decisions.filter(({ type }) => type === 'incidentOpened').length, 1);
  });

  test('waits for what is missing, and is started at once when that is back, after any earlier restarts', () => {
    const driver = lost(GONE);
    for (let second = 0; second < 3_600; second += 1) loses(driver.after(1_000), GONE).tick();
    assert.equal(driver.restarts.length, 0);
    loses(driver, BACK).tick();
    assert.equal(driver.restarts.length, 1);
    // Two are in vain, then the folder is gone again, and back.
    failsToStart(driver, MEMORY).after(20_000).tick();
    assert.equal(driver.restarts.length, 2);
    failsToStart(driver, GONE).after(60_000).tick();
    assert.equal(driver.restarts.length, 2);
    loses(driver, BACK).tick();
    assert.equal(driver.restarts.length, 3);
  });

  test('whose folder comes and goes costs no more than the budget', () => {
    const driver = lost(GONE);
    for (let round = 0; round < 60; round += 1) {
      loses(driver.after(2_000), BACK).tick();
      if (driver.state === 'restarting') driver.acted('failed', 'ENOENT');
      loses(driver.process('transit').after(5_000), GONE).tick();
    }
    assert.equal(driver.restarts.length, 5);
  });

  test('is only reported in observe mode', () => {
    const driver = lost(MEMORY, policyOf({ action: 'observe' }))
      .after(1e6)
      .tick();
    assert.equal(driver.verdict.incident?.cause, 'lost');
    loses(loses(driver, GONE).after(1e6), BACK).tick();
    assert.deepEqual(kindsOf(driver), ['incidentOpened']);
  });

  test('and that the operator stops or deletes then is not started', () => {
    for (const status of ['stopped', 'gone'] as const) {
      const driver = lost(MEMORY).process(status).after(1e6).tick();
      assert.equal(driver.restarts.length, 0);
      assert.equal(driver.state, 'paused');
      assert.equal(driver.verdict.incident, null);
    }
  });

  test('in the middle of an incident is a graver one', () => {
    const driver = new Driver().comesOnline(1e6).answers(OK, fail('refused'), fail('refused'));
    driver.answers(fail('refused'));
    assert.equal(driver.state, 'restarting');
    failsToStart(driver, GONE);
    assert.deepEqual(kindsOf(driver).slice(-2), ['incidentResolved', 'incidentOpened']);
    assert.equal(driver.verdict.incident?.cause, 'lost');
  });

  test('while it is paused by the operator stays so, and is started when resumed', () => {
    const driver = lost(MEMORY)
      .apply({ type: 'pause', at: 10_000, until: Infinity })
      .after(1e5)
      .tick();
    assert.equal(driver.restarts.length, 0);
    driver.apply({ type: 'resume', at: driver.now }).after(1_000).tick();
    assert.equal(driver.restarts.length, 1);
  });
});
