import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { Driver, OK, UNKNOWN, fail, policyOf } from '../support/verdict-driver.ts';

const REFUSED = fail('refused');
const DOWN = { reason: 'db is down', isDown: true };
const ASKED_FIRST = { reason: 'db is asked first', isDown: false };

const healthy = (policy = policyOf()): Driver => new Driver(policy).comesOnline().answers(OK);

/** What the app depends on is so from now on. */
function hold(driver: Driver, news: typeof DOWN | null): Driver {
  return driver.apply({ type: 'dependency', at: driver.now, hold: news });
}

function opened(driver: Driver): number {
  return driver.decisions.filter(({ type }) => type === 'incidentOpened').length;
}

describe('an app whose dependency is down', () => {
  test('is neither restarted nor reported, and judged afresh when that is back', () => {
    const driver = hold(healthy(), DOWN);
    for (let at = 0; at < 300; at += 1) driver.answers(REFUSED);
    assert.deepEqual([driver.state, opened(driver), driver.restarts.length], ['failing', 0, 0]);
    hold(driver, null).answers(REFUSED, REFUSED);
    assert.equal(driver.restarts.length, 0, 'its streak begins anew');
    driver.answers(REFUSED);
    assert.deepEqual([driver.restarts.length, opened(driver)], [1, 1]);
  });

  test('is not judged by an answer to a question from before', () => {
    const driver = hold(healthy(policyOf({ failureThreshold: 1 })), DOWN).answers(REFUSED);
    const askedAt = driver.now - 1;
    hold(driver, null).sample({ ...REFUSED, at: askedAt, durationMs: 1 });
    assert.equal(driver.restarts.length, 0);
  });

  test('ends an incident that was open, and opens none by a source or by swinging', () => {
    const driver = healthy().answers(REFUSED, REFUSED, REFUSED).restarted();
    hold(driver, DOWN).answers(OK);
    assert.equal(driver.verdict.incident, null);
    driver.answers(fail('source'), OK, REFUSED, OK, REFUSED, OK, REFUSED, OK, REFUSED, OK);
    assert.equal(opened(driver), 1);
    hold(driver, null).answers(OK, REFUSED, OK);
    assert.equal(opened(driver), 1, 'the swings of before are not counted');
  });

  test('has a whole start-up time once that is back', () => {
    const driver = hold(new Driver().comesOnline(), DOWN);
    for (let second = 0; second < 400; second += 1) driver.answers(REFUSED);
    hold(driver, null);
    for (let second = 0; second < 119; second += 1) driver.answers(REFUSED);
    assert.deepEqual([driver.state, opened(driver)], ['starting', 0]);
    driver.answers(REFUSED, REFUSED, REFUSED);
    assert.equal(driver.restarts.length, 1);
  });

  test('is tried at once when PM2 gave it up meanwhile, or a moment before', () => {
    const driver = healthy().process('errored').after(2_000);
    hold(driver, DOWN).after(5_000).tick();
    assert.equal(driver.restarts.length, 0);
    hold(driver, null).after(1_000).tick();
    assert.equal(driver.restarts.length, 1);
  });

  test('keeps its cooldown where it was given up long before', () => {
    const driver = healthy().process('errored').after(60_000);
    hold(driver, DOWN).after(5_000);
    hold(driver, null).after(1_000).tick();
    assert.equal(driver.restarts.length, 0);
    driver.after(900_000).tick();
    assert.equal(driver.restarts.length, 1);
  });

  test('stays unknown while its own check gives no result', () => {
    const driver = healthy().answers(UNKNOWN, UNKNOWN, UNKNOWN);
    hold(hold(driver, DOWN), null);
    assert.equal(driver.state, 'unknown');
  });

  test('has no trial that fails', () => {
    const driver = healthy().process('errored').after(900_000).tick().restarted();
    assert.equal(driver.state, 'halfOpen');
    hold(driver, DOWN);
    for (let second = 0; second < 200; second += 1) driver.answers(REFUSED).tick();
    assert.equal(driver.state, 'halfOpen');
    hold(driver, null).answers(OK);
    assert.equal(driver.state, 'healthy');
  });

  test('is not reported in observe mode either', () => {
    const driver = hold(healthy(policyOf({ action: 'observe' })), DOWN);
    driver.answers(REFUSED, REFUSED, REFUSED, REFUSED);
    assert.equal(opened(driver), 0);
  });
});

describe('a dependency that is asked first', () => {
  test('delays a restart, and costs nothing of what was counted', () => {
    const driver = hold(healthy(), ASKED_FIRST).answers(REFUSED, REFUSED, REFUSED);
    assert.deepEqual([driver.state, driver.restarts.length], ['failing', 0]);
    hold(driver, null).answers(REFUSED);
    assert.equal(driver.restarts.length, 1);
  });
});

describe('what is said of a hold', () => {
  const lines = (driver: Driver): string[] =>
    driver.decisions.flatMap((each) =>
      (each.type === 'held' || each.type === 'released') && each.isHushed !== true
        ? [each.type]
        : [],
    );

  test('is nothing of a healthy app, and one line a minute of one that is not', () => {
    const driver = hold(healthy(), DOWN);
    hold(driver, null);
    assert.deepEqual(lines(driver), []);
    driver.answers(REFUSED);
    for (let at = 0; at < 20; at += 1) hold(hold(driver.after(1_000), DOWN), null);
    assert.deepEqual(lines(driver), ['held']);
    hold(driver.after(60_000), DOWN);
    assert.deepEqual(lines(driver), ['held', 'held']);
  });
});
