import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { Driver, OK, fail, policyOf } from '../support/verdict-driver.ts';

const TIMEOUT = fail('timeout');
const ORPHAN = fail('orphan');

function healthy(policy = policyOf()): Driver {
  return new Driver(policy).comesOnline(1e6).answers(OK);
}

/** What the monitor says when it has proven an orphan on the port. */
function foundOrphan(driver: Driver): Driver {
  const { now: at, slotFreeAt } = driver;
  return driver.apply({ type: 'orphan', at, failure: ORPHAN, slotFreeAt });
}

function debugged(driver: Driver, isAttached: boolean): Driver {
  return driver.apply({ type: 'debugger', at: driver.now, by: isAttached ? 'gdb' : null });
}

describe('an app that does not answer', () => {
  test('and burns CPU is given its grace since the first bad answer', () => {
    const driver = healthy();
    driver.load = 'busy';
    for (let second = 0; second < 30; second += 1) driver.answers(TIMEOUT);
    assert.equal(driver.state, 'failing');
    assert.equal(driver.restarts.length, 0);
    assert.equal(driver.answers(TIMEOUT).state, 'restarting');
  });

  test('and answers within its grace is not restarted', () => {
    const driver = healthy();
    driver.load = 'busy';
    for (let second = 0; second < 20; second += 1) driver.answers(TIMEOUT);
    assert.equal(driver.answers(OK).state, 'healthy');
  });

  test('and is idle waits for nothing, nor does one that turns idle', () => {
    const driver = healthy();
    driver.load = 'idle';
    assert.equal(driver.answers(TIMEOUT, TIMEOUT, TIMEOUT).state, 'restarting');
    const turning = healthy();
    turning.load = 'busy';
    turning.answers(TIMEOUT, TIMEOUT, TIMEOUT, TIMEOUT);
    assert.equal(turning.state, 'failing');
    turning.load = 'idle';
    assert.equal(turning.answers(TIMEOUT).state, 'restarting');
  });

  test('but refuses or errs gets no grace for being busy', () => {
    for (const cls of ['refused', 'status', 'reset'] as const) {
      const driver = healthy();
      driver.load = 'busy';
      assert.equal(driver.answers(fail(cls), fail(cls), fail(cls)).state, 'restarting', cls);
    }
  });

  test('gets it also where the threshold is 1', () => {
    const driver = healthy(policyOf({ failureThreshold: 1 }));
    driver.load = 'busy';
    assert.equal(driver.answers(TIMEOUT, TIMEOUT).state, 'failing');
  });
});

describe('a proven orphan on the port', () => {
  test('is stopped at once, and the app restarted: no threshold, no startup time', () => {
    const driver = foundOrphan(new Driver().comesOnline());
    assert.equal(driver.state, 'restarting');
    const [decision] = driver.restarts;
    assert.ok(decision?.type === 'restart');
    assert.equal(decision.endsOrphan, true);
    assert.equal(decision.incarnation, 'life-1');
  });

  test('is stopped for an app that PM2 gave up, also during the cooldown', () => {
    const driver = foundOrphan(healthy().process('errored').after(1_000));
    const [decision] = driver.restarts;
    assert.ok(decision?.type === 'restart' && decision.endsOrphan);
    assert.equal(decision.incarnation, null);
    assert.equal(driver.restarted().answers(OK).state, 'healthy');
  });

  test('is an incident that names it', () => {
    const driver = foundOrphan(healthy());
    assert.equal(driver.verdict.incident?.cause, 'orphan');
  });

  test('is never stopped for a paused or stopped app, nor twice at a time', () => {
    assert.equal(foundOrphan(healthy().process('stopped')).restarts.length, 0);
    const paused = healthy();
    paused.apply({ type: 'pause', at: paused.now, until: Infinity });
    assert.equal(foundOrphan(paused).restarts.length, 0);
    assert.equal(foundOrphan(foundOrphan(healthy())).restarts.length, 1);
  });

  test('is not stopped while unfit, without the slot, in observe mode or beyond the budget', () => {
    const unfit = healthy();
    unfit.apply({ type: 'fitness', at: unfit.now, unfit: 'lag' });
    assert.equal(foundOrphan(unfit).restarts.length, 0);
    const waiting = healthy();
    waiting.slotFreeAt = Infinity;
    assert.equal(foundOrphan(waiting).restarts.length, 0);
    const observing = foundOrphan(healthy(policyOf({ action: 'observe' })));
    assert.equal(observing.restarts.length, 0);
    assert.equal(observing.decisions.filter(({ type }) => type === 'withheld').length, 1);
    const spent = healthy(policyOf({ restarts: { limit: 1 } }));
    foundOrphan(foundOrphan(spent).restarted().after(60_000));
    assert.equal(spent.restarts.length, 1);
    assert.equal(spent.state, 'open');
  });
});

describe('orphans that come again and again', () => {
  test('are stopped twice in the window, and then it is open: this is how the app runs', () => {
    const driver = healthy();
    for (let round = 0; round < 20; round += 1) {
      foundOrphan(driver.after(10_000)).acted('cleared').comesOnline().answers(OK);
    }
    assert.equal(driver.restarts.length, 2);
    assert.equal(foundOrphan(driver).state, 'open');
  });

  test('an orphan that is gone leaves the app to start by itself', () => {
    const driver = foundOrphan(healthy()).acted('cleared');
    assert.equal(driver.state, 'starting');
    assert.equal(driver.answers(OK).state, 'healthy');
  });

  test('one that has to wait for the slot is seen to wait', () => {
    const driver = healthy();
    driver.slotFreeAt = Infinity;
    assert.equal(foundOrphan(driver).state, 'backoff');
    assert.equal(driver.verdict.incident?.cause, 'orphan');
  });
});

describe('an orphan that could not be stopped', () => {
  const STUCK = 'the left-over 7 could not be ended';

  /** PM2 has given the app up, whose port a frozen orphan holds. */
  function frozen(): Driver {
    const driver = foundOrphan(healthy().process('errored').after(1_000));
    return driver.after(4_000).acted('stuck', STUCK);
  }

  test('costs nothing, is tried again every few seconds while it is there, and reported once', () => {
    const driver = frozen();
    const gaps: number[] = [];
    for (let round = 0; round < 20; round += 1) {
      const at = driver.now;
      const asked = driver.restarts.length;
      // The worker looks every 5 s, and lets time pass each second.
      while (driver.restarts.length === asked) {
        driver.after(1_000).tick();
        if ((driver.now - at) % 5_000 === 0) foundOrphan(driver);
      }
      gaps.push(driver.now - at);
      driver.after(4_000).acted('stuck', STUCK);
    }
    assert.ok(
      gaps.every((gap) => gap === 5_000),
      String(gaps),
    );
    assert.ok(driver.restarts.every((decision) => 'endsOrphan' in decision && decision.endsOrphan));
    assert.equal(driver.verdict.memory.budget.length, 0);
    assert.deepEqual(driver.verdict.skipped, { reason: STUCK, times: 21 });
    const { state } = driver.verdict;
    assert.ok(state.name === 'backoff' && state.failure.detail === STUCK);
  });

  test('has its app started within seconds when it has gone, not after the cooldown', () => {
    const driver = frozen();
    const goneAt = driver.now;
    while (driver.restarts.length === 1 && driver.now < 1e8) driver.after(1_000).tick();
    const decision = driver.restarts[1];
    assert.ok(
      decision?.type === 'restart' && !decision.endsOrphan && decision.incarnation === null,
    );
    assert.ok(driver.now - goneAt <= 12_000, `after ${driver.now - goneAt} ms`);
    assert.equal(driver.restarted().answers(OK).state, 'healthy');
    assert.equal(driver.verdict.skipped, null);
  });

  test('is left to PM2 where that still tries the app again and again', () => {
    const driver = foundOrphan(healthy()).after(4_000).acted('stuck', STUCK);
    assert.equal(driver.state, 'starting');
  });
});

describe('an app in a debugger', () => {
  test('is paused, which is reported, and judged from the start when the debugger goes', () => {
    const driver = debugged(healthy().answers(TIMEOUT, TIMEOUT), true);
    assert.equal(driver.state, 'paused');
    driver.answers(TIMEOUT, TIMEOUT, TIMEOUT).process('online');
    assert.equal(driver.state, 'paused');
    assert.equal(debugged(driver, false).state, 'starting');
    assert.equal(driver.answers(OK).state, 'healthy');
    assert.equal(driver.restarts.length, 0);
  });

  test('says who holds it, again when that changes', () => {
    const driver = healthy();
    const held = (by: string): void => {
      driver.apply({ type: 'debugger', at: driver.now, by });
    };
    held('it waits');
    held('it is attached');
    const { state } = driver.verdict;
    assert.ok(state.name === 'paused' && state.cause === 'debugger');
    assert.equal(state.by, 'it is attached');
    assert.equal(driver.decisions.filter(({ type }) => type === 'transition').length, 3);
  });

  test('that was held before its first line has its start-up time when it is let go', () => {
    const driver = debugged(new Driver().comesOnline(), true).after(1e6);
    debugged(driver, false);
    for (let second = 0; second < 100; second += 1) driver.answers(fail('refused'));
    assert.equal(driver.state, 'starting');
    for (let second = 0; second < 30; second += 1) driver.answers(fail('refused'));
    assert.equal(driver.restarts.length, 1);
  });

  test('that had answered before is let no further time when it hangs', () => {
    const driver = debugged(healthy(), true).after(1e6);
    debugged(driver, false).answers(TIMEOUT, TIMEOUT, TIMEOUT);
    assert.equal(driver.restarts.length, 1);
  });

  test('is watched again with its next incarnation', () => {
    assert.equal(debugged(healthy(), true).comesOnline().state, 'starting');
  });

  test('that is stopped is stopped', () => {
    const driver = debugged(healthy(), true).process('stopped');
    assert.ok(driver.verdict.state.name === 'paused');
    assert.equal(driver.verdict.state.cause, 'stopped');
  });

  test('does not end a pause of the operator’s, nor a restart in flight', () => {
    const paused = healthy();
    paused.apply({ type: 'pause', at: paused.now, until: Infinity });
    debugged(debugged(paused, true), false);
    assert.ok(paused.verdict.state.name === 'paused');
    assert.equal(paused.verdict.state.cause, 'operator');
    assert.equal(debugged(healthy().answers(TIMEOUT, TIMEOUT, TIMEOUT), true).state, 'restarting');
  });
});
