import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { UptimeTracker } from '../../../src/uptime/tracker.ts';
import { BLIND_MS, BLIND_SAMPLES } from '../../../src/verdict/unknown/unanswered.ts';
import { isBlind } from '../../../src/verdict/state.ts';
import { paceOf } from '../../../src/monitor/worker/probe-interval.ts';
import { figuresOf, unknownUptime } from '../../../src/uptime/figures.ts';
import { Driver, fail, OK, policyOf, UNKNOWN } from '../../support/verdict-driver.ts';

const REFUSED = fail('refused');
const PENDING = { ...UNKNOWN, cause: 'pending', detail: 'still running' } as const;

const healthy = (policy = policyOf()): Driver => new Driver(policy).comesOnline(1e6).answers(OK);

function times<T>(count: number, one: T): T[] {
  return Array.from({ length: count }, () => one);
}

describe('three samples in a row without a result', () => {
  for (const [name, reach] of Object.entries({
    starting: () => new Driver().comesOnline(),
    healthy,
    failing: () => healthy().answers(REFUSED),
    degraded: () => healthy().answers(fail('source')),
    backoff() {
      const driver = healthy();
      driver.slotFreeAt = driver.now + 60_000;
      return driver.answers(REFUSED, REFUSED, REFUSED);
    },
    open: () =>
      healthy(policyOf({ restarts: { limit: 1 } }))
        .answers(REFUSED, REFUSED, REFUSED)
        .restarted()
        .answers(OK, REFUSED, REFUSED, REFUSED),
    halfOpen: () =>
      healthy().process('errored').after(3_600_000).tick().after(1).acted('done').comesOnline(),
  })) {
    test(`make a target that is ${name} unknown, with the cause, and probed further`, () => {
      const driver = reach();
      assert.equal(driver.state, name);
      driver.answers(UNKNOWN, UNKNOWN);
      assert.equal(driver.state, name);
      const { incident } = driver.verdict;
      driver.answers(UNKNOWN);
      assert.ok(isBlind(driver.verdict.state));
      assert.equal(driver.verdict.state.blind, UNKNOWN.detail);
      assert.equal(driver.verdict.incident, incident);
      assert.equal(paceOf(driver.verdict), 'normal');
    });
  }

  test('must be in a row, of one incarnation, and of one state', () => {
    const driver = healthy().answers(UNKNOWN, UNKNOWN, OK, UNKNOWN, UNKNOWN);
    assert.equal(driver.state, 'healthy');
    driver.comesOnline().answers(UNKNOWN, UNKNOWN);
    assert.equal(driver.state, 'starting');
    driver.apply({ type: 'pause', at: driver.now, until: driver.now + 1_000 });
    driver.after(2_000).tick().answers(UNKNOWN, UNKNOWN);
    assert.equal(driver.state, 'starting');
    assert.equal(driver.answers(UNKNOWN).state, 'unknown');
  });

  test('or thirty seconds of them, where probes are rare', () => {
    const driver = healthy().answers(UNKNOWN).after(BLIND_MS).answers(UNKNOWN);
    assert.equal(driver.state, 'unknown');
  });

  test('that are only late count by their time alone', () => {
    const driver = healthy().answers(...times(BLIND_MS / 1_000, PENDING));
    assert.equal(driver.state, 'healthy');
    assert.equal(driver.answers(PENDING).state, 'unknown');
  });
});

describe('a target of which nothing is known', () => {
  const blind = (): Driver => healthy().answers(REFUSED, REFUSED, ...times(BLIND_SAMPLES, UNKNOWN));

  test('shows the newest cause', () => {
    const driver = blind().answers({ ...UNKNOWN, detail: 'EMFILE' });
    assert.ok(isBlind(driver.verdict.state));
    assert.equal(driver.verdict.state.blind, 'EMFILE');
  });

  test('is healthy with the next good answer', () => {
    assert.equal(blind().answers(OK).state, 'healthy');
  });

  test('is not restarted by its first bad answer, but by the next', () => {
    for (const failureThreshold of [1, 2, 3]) {
      const driver = healthy(policyOf({ failureThreshold }));
      if (failureThreshold === 3) driver.answers(REFUSED, REFUSED);
      driver.answers(...times(BLIND_SAMPLES, UNKNOWN), REFUSED);
      assert.equal(driver.state, 'failing');
      assert.equal(driver.restarts.length, 0);
      assert.equal(driver.answers(REFUSED).restarts.length, 1);
    }
  });

  test('is not reported to come up too late: nobody saw whether it did', () => {
    const driver = new Driver().comesOnline().answers(...times(200, UNKNOWN), REFUSED);
    assert.equal(driver.state, 'starting');
    assert.equal(driver.verdict.incident, null);
  });

  test('follows PM2, the operator and the checker', () => {
    assert.equal(blind().process('stopped').state, 'paused');
    assert.equal(blind().comesOnline().state, 'starting');
    const paused = blind();
    paused.apply({ type: 'pause', at: paused.now, until: paused.now + 5_000 });
    assert.equal(paused.state, 'paused');
    const unfit = blind();
    unfit.apply({ type: 'fitness', at: unfit.now, unfit: 'lag' });
    assert.ok('unfit' in unfit.verdict.state);
    unfit.apply({ type: 'fitness', at: unfit.now, unfit: null }).after(15_000).tick();
    assert.equal(unfit.state, 'failing');
  });

  test('is checked once more before an orphan of it is stopped', () => {
    const driver = blind();
    const orphan = { type: 'orphan', failure: fail('orphan'), slotFreeAt: 0 } as const;
    driver.apply({ ...orphan, at: driver.now });
    assert.equal(driver.restarts.length, 0);
    driver.apply({ ...orphan, at: driver.now });
    assert.equal(driver.restarts.length, 1);
  });
});

describe('any answers', () => {
  const outcome = fc.constantFrom(OK, UNKNOWN, UNKNOWN, UNKNOWN, REFUSED, fail('source'));
  const policies = fc.record({
    failureThreshold: fc.integer({ min: 1, max: 4 }),
    successThreshold: fc.integer({ min: 1, max: 3 }),
  });

  test('three in a row always show, and none of them restarts', () => {
    fc.assert(
      fc.property(fc.array(outcome, { maxLength: 80 }), policies, (outcomes, rules) => {
        const driver = healthy(policyOf(rules));
        let run = 0;
        for (const each of outcomes) {
          const before = driver.restarts.length;
          driver.answers(each);
          run = each.kind === 'unknown' ? run + 1 : 0;
          if (each.kind === 'unknown') assert.equal(driver.restarts.length, before);
          if (driver.state === 'restarting') driver.restarted();
          else if (run >= BLIND_SAMPLES) assert.equal(driver.state, 'unknown');
          else if (run === 0) assert.notEqual(driver.state, 'unknown');
          if (driver.state === 'starting') run = Math.min(run, 0);
        }
      }),
    );
  });

  test('time in verdict unknown is never counted as observed', () => {
    fc.assert(
      fc.property(
        fc.array(fc.tuple(outcome, fc.integer({ min: 1, max: 40_000 })), { maxLength: 60 }),
        fc.boolean(),
        policies,
        (answers, isUp, rules) => {
          const driver = new Driver(policyOf(rules)).comesOnline(isUp ? 1e6 : 0);
          const watch = new UptimeTracker(unknownUptime(0));
          watch.onState(driver.verdict, null);
          let unknownMs = 0;
          for (const [each, ms] of answers) {
            const [was, at] = [driver.state, driver.now];
            driver.after(ms);
            if (was === 'unknown') unknownMs += driver.now - at;
            const sample = { ...each, at: driver.now, durationMs: 1 };
            driver.sample(sample);
            watch.onState(driver.verdict, sample);
            if (driver.state === 'restarting') {
              driver.restarted();
              watch.onState(driver.verdict, null);
            }
          }
          const { observedMs } = figuresOf(watch.uptime, 1e9, driver.now);
          assert.ok(observedMs + unknownMs <= driver.now, `${observedMs} + ${unknownMs}`);
        },
      ),
    );
  });

  test('an app whose check never gave a result was not observed at all', () => {
    const driver = new Driver().after(1_000).comesOnline();
    const watch = new UptimeTracker(unknownUptime(1_000));
    watch.onState(driver.verdict, null);
    for (let nth = 0; nth < 10; nth += 1) {
      driver.after(1_000);
      const sample = { ...UNKNOWN, at: driver.now, durationMs: 1 };
      driver.sample(sample);
      watch.onState(driver.verdict, sample);
    }
    const { observedMs, availability } = figuresOf(watch.uptime, 1e9, driver.now);
    assert.deepEqual({ observedMs, availability }, { observedMs: 0, availability: null });
  });
});
