import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { readBlock } from '../../src/config/target-config.ts';
import { statusDocument, type TargetStatus } from '../../src/report/status.ts';
import type { Verdict } from '../../src/verdict/verdict.ts';
import { unknownUptime } from '../../src/uptime/figures.ts';
import { FakeClock } from '../support/fake-clock.ts';
import { Driver, fail, OK, policyOf, UNKNOWN } from '../support/verdict-driver.ts';

const read = readBlock({ tcp: '127.0.0.1:1' }, {});
assert.ok(read.ok);
const { config } = read;
const REFUSED = fail('refused');

/** What the status document says of a driver's state comes next. */
function nextOf({
  verdict,
  now,
  policy,
}: Pick<Driver, 'verdict' | 'now' | 'policy'>): TargetStatus['next'] {
  const clock = new FakeClock();
  clock.monotonic = now;
  const view = {
    name: 'web',
    pmId: 0,
    pid: 1,
    instance: 0,
    config: { ...config, policy },
    verdict,
    last: null,
    restartsTotal: 0,
    uptime: unknownUptime(0),
    errorLog: null,
  };
  const facts = { version: '1', pid: 1, beganAt: 0, problems: [], leading: null };
  const [target] = statusDocument(facts, [view], [], clock).targets;
  assert.ok(target);
  return target.next;
}

const healthy = (): Driver => new Driver(policyOf()).comesOnline(1e6).answers(OK);

/** A driver in every state that there is. */
const STATES: Readonly<Record<Verdict['state']['name'], () => Driver>> = {
  starting: () => new Driver(policyOf()).comesOnline(),
  healthy,
  failing: () => healthy().answers(REFUSED),
  restarting: () => healthy().answers(REFUSED, REFUSED, REFUSED),
  backoff() {
    const driver = healthy();
    driver.slotFreeAt = driver.now + 60_000;
    return driver.answers(REFUSED, REFUSED, REFUSED);
  },
  open: () => healthy().process('errored'),
  halfOpen: () => healthy().process('errored').after(3_600_000).tick(),
  degraded: () => healthy().answers(fail('source')),
  paused: () => healthy().process('stopped'),
  unknown() {
    const driver = healthy();
    return driver.apply({ type: 'fitness', at: driver.now, unfit: 'PM2 does not answer' });
  },
};

describe('what comes next', () => {
  for (const [name, reach] of Object.entries(STATES)) {
    test(`is said of a target that is ${name}, and the document is whole`, () => {
      const driver = reach();
      assert.equal(driver.state, name);
      const { what, at } = nextOf(driver);
      assert.ok(what.length > 5);
      assert.ok(at === null || !Number.isNaN(Date.parse(at)));
    });
  }

  test('of a restart that waits for nothing else is said once', () => {
    const driver = STATES.backoff().after(120_000);
    const { policy, now, verdict } = driver;
    const { what } = nextOf({ policy, now, verdict: { ...verdict, at: now } });
    assert.equal(what, 'restarted, if it still fails');
  });

  test('has no time as long as the checker is unfit, and one when it settles', () => {
    const driver = STATES.unknown();
    assert.equal(nextOf(driver).at, null);
    driver.after(1_000).apply({ type: 'fitness', at: driver.now, unfit: null });
    assert.notEqual(nextOf(driver).at, null);
  });

  test('of an app of which nothing is known is no restart, from its start on', () => {
    const driver = new Driver(policyOf()).comesOnline().answers(UNKNOWN, UNKNOWN, UNKNOWN);
    driver.after(1e6).answers(UNKNOWN);
    const next = nextOf(driver);
    assert.deepEqual(next, {
      what: 'checked again, and not restarted while its state is unknown',
      at: null,
    });
  });

  test('of an app that burns its CPU is a restart when its grace is over, not with the next bad answer', () => {
    const driver = healthy();
    driver.load = 'busy';
    driver.answers(
      ...Array.from({ length: policyOf().failureThreshold + 2 }, () => fail('timeout')),
    );
    const { what, at } = nextOf(driver);
    assert.equal(what, 'restarted, if it is still busy then');
    assert.notEqual(at, null);
  });

  test('of an app that PM2 is at work on is what PM2 does', () => {
    const driver = new Driver(policyOf()).comesOnline().process('transit');
    assert.deepEqual(nextOf(driver), {
      what: 'PM2 is stopping or starting it; checked as soon as it is up',
      at: null,
    });
  });

  test('of an app that PM2 restarts in a loop says who does it, and when the monitor would', () => {
    const driver = new Driver(policyOf()).comesOnline().answers(REFUSED).process('transit');
    driver.after(1_000).comesOnline().answers(REFUSED);
    const { what, at } = nextOf(driver);
    assert.match(what, /^PM2 itself starts it again when it ends; restarted only if it runs on/);
    assert.notEqual(at, null);
  });

  test('of an app that is judged from the start has no time that has already passed', () => {
    const driver = healthy();
    driver.apply({ type: 'pause', at: driver.now, until: driver.now + 1_000 });
    driver.after(1_000).tick();
    assert.deepEqual(nextOf(driver), { what: 'restarted after 3 more bad answers', at: null });
  });

  test('is no restart that the breaker or the budget forbids', () => {
    const driver = healthy();
    for (let nth = 0; nth < 2; nth += 1) {
      driver.answers(REFUSED, REFUSED, REFUSED).restarted().after(120_000);
    }
    assert.match(nextOf(driver).what, /^no restart, 2 did not help: one trial after a cooldown/);
    driver.answers(REFUSED, REFUSED, REFUSED).comesOnline();
    assert.match(nextOf(driver).what, /^no restart before; then one trial restart/);
  });

  for (const name of ['starting', 'failing', 'backoff', 'open'] as const) {
    test(`of an app that is ${name} and only observed is no restart`, () => {
      const driver = STATES[name]();
      const policy = { ...driver.policy, action: 'observe' } as const;
      const { what } = nextOf({ verdict: driver.verdict, now: driver.now, policy });
      assert.match(what, /observe mode: no restart$/);
    });
  }

  test('is nothing until resume during a pause without an end', () => {
    const driver = healthy();
    driver.apply({ type: 'pause', at: driver.now, until: Number.POSITIVE_INFINITY });
    assert.deepEqual(nextOf(driver), {
      what: 'nothing until `pm2-liveness resume web`',
      at: null,
    });
  });
});
