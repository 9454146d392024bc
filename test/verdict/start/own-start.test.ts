import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { Driver, OK, fail, policyOf } from '../../support/verdict-driver.ts';

const REFUSED = fail('refused');
const TIMEOUT = fail('timeout');
const START_MS = 20_000;

/** A healthy app that begins to restart a process of its own now. */
function restartsItself(by: 'birth' | 'end' = 'birth', startupTimeoutMs = START_MS): Driver {
  const driver = new Driver(policyOf({ startupTimeoutMs })).comesOnline(1e6).answers(OK);
  driver.ownStart = { by, pid: 7, at: driver.now, isSaved: false };
  return driver;
}

function refuse(driver: Driver, seconds: number): Driver {
  for (let second = 0; second < seconds; second += 1) driver.answers(REFUSED);
  return driver;
}

describe('an app that restarts a process of its own', () => {
  test('is starting, and has startupTimeout from that birth', () => {
    const driver = restartsItself();
    assert.equal(refuse(driver, 1).state, 'starting');
    assert.equal(refuse(driver, 18).state, 'starting');
    assert.equal(driver.restarts.length, 0);
    assert.equal(refuse(driver, 1).state, 'restarting');
  });

  test('is healthy again with one good answer, without an incident', () => {
    const driver = refuse(restartsItself(), 10).answers(OK);
    assert.equal(driver.state, 'healthy');
    assert.ok(driver.decisions.every(({ type }) => type === 'transition'));
  });

  test('may take the same time where its port is open again and it does not answer yet', () => {
    const driver = refuse(restartsItself(), 3);
    for (let second = 0; second < 15; second += 1) driver.answers(TIMEOUT);
    assert.deepEqual([driver.state, driver.restarts.length], ['starting', 0]);
    assert.equal(driver.answers(TIMEOUT, TIMEOUT).state, 'restarting');
  });

  test('has 10 s to start another process after one has ended', () => {
    const driver = restartsItself('end');
    assert.equal(refuse(driver, 9).state, 'starting');
    assert.equal(refuse(driver, 1).state, 'restarting');
    const born = refuse(restartsItself('end'), 5);
    born.ownStart = { by: 'birth', pid: 8, at: born.now, isSaved: false };
    assert.equal(refuse(born, 19).state, 'starting');
    assert.equal(refuse(born, 1).state, 'restarting');
  });

  test('that takes no longer than a start is the app’s, after it began to fail too', () => {
    const driver = restartsItself();
    const { ownStart } = driver;
    driver.ownStart = null;
    assert.equal(refuse(driver, 2).state, 'failing');
    driver.ownStart = ownStart;
    assert.equal(refuse(driver, 5).state, 'starting');
    assert.equal(driver.restarts.length, 0);
  });

  test('does not flap, however often', () => {
    const driver = restartsItself();
    for (let times = 0; times < 20; times += 1) {
      driver.ownStart = { by: 'birth', pid: times, at: driver.now, isSaved: false };
      refuse(driver, 6).answers(...Array.from({ length: 24 }, () => OK));
    }
    assert.equal(driver.verdict.incident, null);
    assert.equal(driver.restarts.length, 0);
  });

  test('and does so all the time has a bounded log', () => {
    const driver = restartsItself();
    for (let times = 0; times < 300; times += 1) {
      driver.ownStart = { by: 'birth', pid: times, at: driver.now, isSaved: false };
      refuse(driver, 1).answers(OK);
    }
    const lines = driver.decisions.filter((each) => !('isHushed' in each && each.isHushed));
    assert.ok(lines.length < 40, `${lines.length} lines in ten minutes`);
  });
});

describe('an app whose watcher waited for a saved file', () => {
  test('has the time of a start after the save, also where it never answered before', () => {
    const driver = new Driver(policyOf({ startupTimeoutMs: START_MS })).comesOnline();
    driver.after(600_000).answers(fail('source'));
    assert.equal(driver.state, 'degraded');
    driver.ownStart = { by: 'birth', pid: 7, at: driver.now, isSaved: true };
    assert.equal(refuse(driver, 19).state, 'starting');
    assert.equal(refuse(driver, 1).state, 'restarting');
  });
});

describe('what is no start of the app’s own', () => {
  test('a hang of an app that starts other processes', () => {
    const driver = restartsItself();
    driver.load = 'idle';
    assert.equal(driver.answers(TIMEOUT, TIMEOUT, TIMEOUT).state, 'restarting');
  });

  test('a start by PM2 that never answered: the time since its own birth counts', () => {
    const driver = new Driver(policyOf({ startupTimeoutMs: START_MS })).comesOnline();
    driver.now = 5_000;
    driver.ownStart = { by: 'birth', pid: 7, at: 5_000, isSaved: false };
    assert.equal(refuse(driver, 14).state, 'starting');
    assert.equal(refuse(driver, 1).state, 'restarting');
  });
});

describe('an app whose start cannot succeed any more', () => {
  test('is restarted at the threshold, and not after startupTimeout', () => {
    const driver = new Driver(policyOf({ startupTimeoutMs: START_MS })).comesOnline(0);
    assert.equal(driver.answers(REFUSED, REFUSED).state, 'starting');
    const final = { ...REFUSED, isFinal: true } as const;
    assert.equal(driver.answers(final).state, 'restarting');
  });
});
