import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { checkOrder } from '../../src/action/restart-order.ts';
import type { Decision } from '../../src/verdict/decision.ts';
import { paceOf } from '../../src/monitor/worker/probe-interval.ts';
import { managed } from '../support/fake-pm2.ts';
import { Driver, OK, UNKNOWN, fail, policyOf } from '../support/verdict-driver.ts';

const REFUSED = fail('refused');
const THREE_TIMES = [REFUSED, REFUSED, REFUSED];

const healthy = (policy = policyOf()): Driver => new Driver(policy).comesOnline().answers(OK);

function last(driver: Driver, type: Decision['type']): Decision | undefined {
  return driver.decisions.findLast((decision) => decision.type === type);
}

describe('an app that starts', () => {
  test('is healthy after one good answer', () => {
    const driver = new Driver().comesOnline();
    assert.equal(driver.state, 'starting');
    assert.equal(driver.answers(OK).state, 'healthy');
  });

  test('gets the whole startup timeout, no matter how often it refuses', () => {
    const driver = new Driver().comesOnline();
    for (let second = 0; second < 119; second += 1) driver.answers(REFUSED);
    assert.equal(driver.state, 'starting');
    assert.equal(driver.answers(REFUSED, REFUSED).state, 'restarting');
    assert.equal(driver.restarts.length, 1);
  });

  test('is not given it again when the monitor comes late', () => {
    const driver = new Driver().comesOnline(3_600_000).answers(REFUSED, REFUSED);
    assert.equal(driver.state, 'starting');
    assert.equal(driver.answers(REFUSED).state, 'restarting');
  });

  test('and crashes is left to PM2, which brings it up again', () => {
    const driver = new Driver().comesOnline().answers(REFUSED).process('transit');
    assert.equal(driver.after(1_000_000).tick().state, 'starting');
    assert.equal(driver.comesOnline().answers(OK).state, 'healthy');
    assert.equal(driver.restarts.length, 0);
  });

  test('and whose source is broken is degraded, not restarted', () => {
    const driver = new Driver().comesOnline(3_600_000).answers(fail('source'));
    assert.equal(driver.state, 'degraded');
    assert.equal(driver.restarts.length, 0);
  });
});

describe('an app that fails', () => {
  test('is restarted on the third bad sample in a row, and not before', () => {
    const driver = healthy().answers(REFUSED, REFUSED);
    assert.equal(driver.state, 'failing');
    assert.equal(driver.restarts.length, 0);
    driver.answers(REFUSED);
    assert.equal(driver.state, 'restarting');
    assert.deepEqual(last(driver, 'restart'), {
      type: 'restart',
      method: 'restart',
      incarnation: 'life-1',
      failure: { ...REFUSED, at: 4_000, durationMs: 1 },
      trial: false,
      endsOrphan: false,
      attempt: 1,
    });
  });

  test('and answers in between begins its run again', () => {
    const driver = healthy().answers(REFUSED, REFUSED, OK, REFUSED, REFUSED);
    assert.equal(driver.state, 'failing');
    assert.equal(driver.restarts.length, 0);
  });

  test('needs as many good answers as the success threshold says', () => {
    const driver = healthy(policyOf({ successThreshold: 2 })).answers(REFUSED, OK);
    assert.equal(driver.state, 'failing');
    assert.equal(driver.answers(REFUSED, REFUSED).state, 'failing');
    assert.equal(driver.answers(OK, OK).state, 'healthy');
  });

  test('keeps its streak over samples that taught nothing', () => {
    const driver = healthy().answers(REFUSED, UNKNOWN, UNKNOWN, UNKNOWN, REFUSED);
    assert.equal(driver.state, 'failing');
    assert.equal(driver.answers(REFUSED).state, 'restarting');
  });

  test('and is replaced by a new incarnation starts without failures', () => {
    const driver = healthy().answers(REFUSED, REFUSED).comesOnline().answers(REFUSED);
    assert.equal(driver.state, 'starting');
    assert.equal(driver.restarts.length, 0);
  });

  test('is restarted on the first bad sample where the threshold is 1', () => {
    assert.equal(healthy(policyOf({ failureThreshold: 1 })).answers(REFUSED).state, 'restarting');
  });

  test('is not restarted for samples of the incarnation before', () => {
    const driver = healthy().comesOnline();
    for (let i = 0; i < 9; i += 1) {
      driver.after(200_000).sample({ ...REFUSED, at: driver.now, durationMs: 1 }, 'life-1');
    }
    assert.equal(driver.state, 'starting');
  });

  test('is not restarted for a sample begun before the present state', () => {
    const driver = healthy().answers(REFUSED);
    driver.after(100).sample({ ...REFUSED, at: 0, durationMs: 9 });
    driver.after(100).sample({ ...REFUSED, at: 0, durationMs: 9 });
    assert.equal(driver.state, 'failing');
  });
});

describe('what a restart cannot fix', () => {
  for (const cls of ['source', 'misconfig', 'impostor'] as const) {
    test(`${cls}: said at once, never acted on, over when it answers again`, () => {
      const driver = healthy();
      for (let i = 0; i < 100; i += 1) driver.answers(fail(cls));
      assert.equal(driver.state, 'degraded');
      assert.equal(driver.restarts.length, 0);
      assert.equal(driver.answers(OK).state, 'healthy');
    });
  }

  test('and what it can, after it, counts from one', () => {
    const driver = healthy().answers(fail('source'), REFUSED, REFUSED);
    assert.equal(driver.state, 'failing');
    assert.equal(driver.answers(REFUSED).state, 'restarting');
  });

  test('ends a run that was nearly proven', () => {
    const driver = healthy().answers(REFUSED, REFUSED, fail('source'), REFUSED, REFUSED);
    assert.equal(driver.restarts.length, 0);
  });
});

describe('a restart', () => {
  test('in flight: no sample leads to another decision', () => {
    const driver = healthy().answers(...THREE_TIMES, ...THREE_TIMES, fail('source'));
    assert.equal(driver.state, 'restarting');
    assert.equal(driver.restarts.length, 1);
  });

  test('ends with the new incarnation', () => {
    const driver = healthy()
      .answers(...THREE_TIMES)
      .process('transit');
    assert.equal(driver.state, 'restarting');
    assert.equal(driver.restarted().state, 'starting');
    assert.equal(driver.answers(OK).state, 'healthy');
  });

  test('the second comes at once when the first had held for longer than its backoff', () => {
    const driver = healthy()
      .answers(...THREE_TIMES)
      .restarted()
      .answers(OK, ...THREE_TIMES);
    assert.equal(driver.state, 'restarting');
    assert.equal(driver.restarts.length, 2);
  });

  test('waits in backoff when the last one is too fresh', () => {
    const policy = policyOf({ failureThreshold: 1 });
    const driver = healthy(policy).answers(REFUSED).acted().comesOnline();
    driver.after(10).sample({ ...OK, at: driver.now, durationMs: 1 });
    driver.after(10).sample({ ...REFUSED, at: driver.now, durationMs: 1 });
    assert.equal(driver.state, 'backoff');
    assert.equal(driver.answers(REFUSED, REFUSED).state, 'restarting');
  });

  test('waits while another app has the slot, and comes when it is free', () => {
    const driver = healthy();
    driver.slotFreeAt = Number.POSITIVE_INFINITY;
    assert.equal(driver.answers(...THREE_TIMES, ...THREE_TIMES).state, 'backoff');
    driver.slotFreeAt = driver.now + 500;
    assert.equal(driver.answers(REFUSED).state, 'restarting');
  });

  test('in backoff is dropped when the app answers', () => {
    const driver = healthy();
    driver.slotFreeAt = Number.POSITIVE_INFINITY;
    assert.equal(driver.answers(...THREE_TIMES, OK).state, 'healthy');
  });

  test('that was never issued costs nothing', () => {
    const driver = healthy()
      .answers(...THREE_TIMES)
      .acted('skipped');
    assert.equal(driver.state, 'starting');
    assert.deepEqual(driver.verdict.memory.budget, []);
    assert.equal(driver.verdict.memory.restartsSinceOk, 0);
  });

  test('that PM2 refused is charged, and the next one needs new proof', () => {
    const driver = healthy(policyOf({ startupTimeoutMs: 1_000 }))
      .answers(...THREE_TIMES)
      .acted('failed');
    assert.equal(driver.verdict.memory.budget.length, 1);
    assert.equal(driver.answers(REFUSED, REFUSED).restarts.length, 1);
    assert.equal(driver.answers(REFUSED).restarts.length, 2);
  });

  test('that never shows a new incarnation is given up after two minutes', () => {
    const driver = healthy()
      .answers(...THREE_TIMES)
      .acted('done')
      .after(119_000)
      .tick();
    assert.equal(driver.state, 'restarting');
    assert.equal(driver.after(1_000).tick().state, 'starting');
  });

  test('is a reload where that is set, and a restart where that did not help', () => {
    const policy = policyOf({ action: 'reload', startupTimeoutMs: 1_000 });
    const driver = healthy(policy)
      .answers(...THREE_TIMES)
      .restarted()
      .answers(...THREE_TIMES);
    assert.deepEqual(
      driver.restarts.map((decision) => decision.type === 'restart' && decision.method),
      ['reload', 'restart'],
    );
  });

  test('is only reported in observe mode, once per incident', () => {
    const driver = healthy(policyOf({ action: 'observe' }));
    driver.answers(...THREE_TIMES, ...THREE_TIMES);
    assert.equal(driver.state, 'failing');
    assert.equal(driver.restarts.length, 0);
    assert.equal(driver.decisions.filter(({ type }) => type === 'withheld').length, 1);
    assert.equal(driver.answers(OK).state, 'healthy');
    assert.equal(last(driver, 'incidentResolved')?.type, 'incidentResolved');
  });
});

/** An app that never answers again after its first restart. */
function hopeless(policy = policyOf({ startupTimeoutMs: 10_000 })): Driver {
  return healthy(policy).answers(...THREE_TIMES);
}

/** Lets a hopeless app fail its start-up once more. */
function failStartup(driver: Driver): Driver {
  driver.restarted();
  for (let second = 0; second < 13; second += 1) driver.answers(REFUSED);
  return driver;
}

describe('restarts that do not help', () => {
  test('stop after two in a row', () => {
    const driver = failStartup(failStartup(hopeless()));
    assert.equal(driver.state, 'open');
    assert.equal(driver.restarts.length, 2);
  });

  test('get exactly one trial after the cooldown, and a doubled cooldown after it', () => {
    const driver = failStartup(failStartup(hopeless()));
    const openedAt = driver.verdict.since;
    while (driver.now < openedAt + 899_000) driver.answers(REFUSED);
    assert.equal(driver.restarts.length, 2);
    driver.answers(REFUSED, REFUSED);
    assert.equal(driver.state, 'halfOpen');
    assert.equal(driver.restarts.length, 3);
    failStartup(driver);
    assert.equal(driver.state, 'open');
    const { state } = driver.verdict;
    assert.ok(state.name === 'open');
    assert.equal(state.until - driver.verdict.since, 1_800_000);
    assert.equal(driver.restarts.length, 3);
  });

  test('a trial that helps closes the breaker', () => {
    const driver = failStartup(failStartup(hopeless()));
    driver.after(900_000).answers(REFUSED).restarted();
    assert.equal(driver.state, 'halfOpen');
    assert.equal(driver.answers(OK).state, 'healthy');
  });

  test('a trial that was never issued is tried again after a minute, at the same cooldown', () => {
    const driver = failStartup(failStartup(hopeless()));
    driver.after(900_000).answers(REFUSED).acted('skipped');
    assert.equal(driver.state, 'open');
    assert.equal(driver.verdict.memory.cooldownMs, 900_000);
    assert.equal(driver.answers(...THREE_TIMES).state, 'open');
    assert.equal(driver.after(60_000).answers(REFUSED).state, 'halfOpen');
  });

  test('an open breaker closes by itself after two good answers, not after one', () => {
    const driver = failStartup(failStartup(hopeless()));
    assert.equal(driver.answers(OK, REFUSED, OK).state, 'open');
    assert.equal(driver.answers(OK).state, 'healthy');
  });

  test('the budget opens the breaker even where each restart helped for a while', () => {
    const driver = healthy();
    for (let round = 0; round < 5; round += 1) {
      driver
        .after(60_000)
        .answers(...THREE_TIMES)
        .restarted()
        .answers(OK);
    }
    assert.equal(driver.restarts.length, 5);
    assert.equal(driver.answers(...THREE_TIMES).state, 'open');
    assert.equal(driver.restarts.length, 5);
  });

  test('ten healthy minutes forgive backoff and cooldown', () => {
    const driver = failStartup(failStartup(hopeless()));
    driver.answers(OK, OK).after(599_000).answers(OK);
    assert.equal(driver.verdict.memory.cooldownMs, null);
    assert.equal(driver.verdict.memory.backoff.restarts, 0);
  });
});

describe('an app that PM2 gave up (errored)', () => {
  test('gets a trial after the cooldown, without a sample', () => {
    const driver = healthy().process('errored');
    assert.equal(driver.state, 'open');
    assert.equal(driver.after(899_000).tick().restarts.length, 0);
    driver.after(1_000).tick();
    assert.equal(driver.state, 'halfOpen');
    assert.equal(driver.restarts.length, 1);
    assert.equal(driver.restarted().answers(OK).state, 'healthy');
  });

  test('and errs again in the trial waits twice as long', () => {
    const driver = healthy().process('errored').after(900_000).tick().restarted();
    driver.process('transit').comesOnline().process('transit').process('errored');
    assert.equal(driver.state, 'open');
    assert.equal(driver.verdict.memory.cooldownMs, 1_800_000);
  });

  test('is tried at once after a reset', () => {
    const driver = healthy().process('errored').after(1_000);
    driver.apply({ type: 'reset', at: driver.now });
    assert.equal(driver.after(1).tick().state, 'halfOpen');
  });
});

describe('what a review found', () => {
  test('the trial of an errored app is an order that PM2’s list fits', () => {
    const driver = healthy().process('errored').after(900_000).tick();
    const decision = last(driver, 'restart');
    assert.ok(decision?.type === 'restart');
    assert.equal(decision.incarnation, null);
    const order = { pmId: 0, name: 'web', method: decision.method, incarnation: null, orphan: [] };
    assert.equal(checkOrder(order, [managed({ status: 'errored', pid: 0 })]).proceed, true);
  });

  test('an errored app is not probed: no process is there to answer', () => {
    assert.equal(paceOf(healthy().process('errored').verdict), 'idle');
  });

  test('a failure that a restart cannot fix does not delay the trial', () => {
    const driver = failStartup(failStartup(hopeless()));
    const openedAt = driver.now;
    while (driver.now < openedAt + 700_000) driver.answers(fail('source')).after(99_000);
    driver.answers(...THREE_TIMES);
    assert.equal(driver.state, 'open');
    driver.after(200_000).answers(...THREE_TIMES);
    assert.equal(driver.restarts.length, 3);
  });

  test('a new incarnation does not begin the cooldown again', () => {
    const driver = failStartup(failStartup(hopeless()));
    driver.after(800_000).comesOnline();
    for (let second = 0; second < 13; second += 1) driver.answers(REFUSED);
    assert.equal(driver.state, 'open');
    assert.equal(driver.after(100_000).answers(...THREE_TIMES).state, 'halfOpen');
  });

  test('a trial that ends in what a restart cannot fix is followed by a doubled cooldown', () => {
    const driver = failStartup(failStartup(hopeless()));
    driver.after(900_000).answers(REFUSED).restarted().answers(fail('source'));
    assert.equal(driver.state, 'degraded');
    const degradedAt = driver.now;
    while (driver.now < degradedAt + 1_700_000) driver.answers(REFUSED).after(9_000);
    assert.equal(driver.restarts.length, 3);
  });

  test('degraded from its start on, an app is still given its startup time', () => {
    const driver = new Driver().comesOnline().answers(fail('misconfig'), ...THREE_TIMES);
    assert.equal(driver.state, 'starting');
    driver.after(120_000).answers(REFUSED);
    assert.equal(driver.restarts.length, 1);
  });

  test('a trial whose incarnations exit one after the other ends', () => {
    const driver = healthy().process('errored').after(900_000).tick().acted('done');
    for (let life = 0; life < 200; life += 1) {
      driver.comesOnline().answers(REFUSED).process('transit').tick();
    }
    assert.notEqual(driver.state, 'halfOpen');
    assert.equal(driver.verdict.memory.cooldownMs, 1_800_000);
  });

  test('a trial whose incarnation PM2 never brings online ends', () => {
    const driver = healthy()
      .process('errored')
      .after(900_000)
      .tick()
      .restarted()
      .process('transit');
    assert.equal(driver.after(200_000).tick().state, 'open');
  });

  test('an order that came after a new incarnation costs nothing', () => {
    const driver = healthy()
      .answers(...THREE_TIMES)
      .comesOnline()
      .acted('skipped');
    assert.deepEqual(driver.verdict.memory.budget, []);
    assert.equal(driver.verdict.memory.restartsSinceOk, 0);
    assert.equal(driver.verdict.memory.backoff.restarts, 0);
  });

  test('an order that PM2 kept from being issued is wanted again soon, not after a start-up time', () => {
    const driver = healthy()
      .answers(...THREE_TIMES)
      .acted('skipped');
    assert.equal(driver.restarts.length, 1);
    const skippedAt = driver.now;
    while (driver.restarts.length === 1 && driver.now < skippedAt + 60_000) driver.answers(REFUSED);
    assert.equal(driver.restarts.length, 2);
    assert.ok(driver.now <= skippedAt + 15_000, `${driver.now - skippedAt} ms later`);
  });

  test('a reset while a restart is in flight is not undone by its being skipped', () => {
    const driver = failStartup(hopeless());
    assert.equal(driver.restarts.length, 2);
    driver.apply({ type: 'reset', at: driver.now }).acted('skipped');
    assert.deepEqual(driver.verdict.memory.budget, []);
    assert.equal(driver.verdict.memory.backoff.restarts, 0);
  });

  test('orders that are always skipped do not come with every sample, nor count', () => {
    const driver = healthy();
    for (let second = 0; second < 600; second += 1) {
      driver.answers(REFUSED);
      if (driver.state === 'restarting') driver.acted('skipped');
    }
    assert.ok(driver.restarts.length <= 61, `${driver.restarts.length} orders`);
    assert.equal(driver.verdict.incident?.restarts, 0);
  });

  test('an app that exits again and again before it answers is an incident, and an answer ends it', () => {
    const driver = new Driver();
    for (let life = 0; life < 70; life += 1) driver.comesOnline().answers(REFUSED, REFUSED);
    const opened = last(driver, 'incidentOpened');
    assert.ok(opened?.type === 'incidentOpened');
    assert.equal(opened.incident.cause, 'startup');
    assert.equal(driver.restarts.length, 0);
    driver.answers(OK);
    assert.equal(last(driver, 'incidentResolved')?.type, 'incidentResolved');
  });

  test('so is one that PM2 never brings up', () => {
    const driver = healthy().process('transit').after(119_000).tick();
    assert.equal(driver.verdict.incident, null);
    assert.equal(driver.after(1_000).tick().verdict.incident?.cause, 'startup');
  });
});

describe("the operator's will", () => {
  test('a stopped app is nobody’s business until it is online again', () => {
    const driver = healthy().process('stopped');
    assert.equal(driver.state, 'paused');
    driver
      .answers(...THREE_TIMES)
      .after(10_000_000)
      .tick();
    assert.equal(driver.state, 'paused');
    assert.equal(driver.restarts.length, 0);
    assert.equal(driver.comesOnline().answers(OK).state, 'healthy');
  });

  test('a stop in the middle of our restart wins', () => {
    const driver = healthy()
      .answers(...THREE_TIMES)
      .process('stopped')
      .acted('done');
    assert.equal(driver.state, 'paused');
  });

  test('a pause holds over new incarnations, and ends at its time', () => {
    const driver = healthy();
    driver.apply({ type: 'pause', at: driver.now, until: driver.now + 1_800_000 });
    driver
      .answers(...THREE_TIMES)
      .comesOnline()
      .answers(...THREE_TIMES);
    assert.equal(driver.state, 'paused');
    assert.equal(driver.after(1_800_000).tick().state, 'starting');
  });

  test('a resume looks at the app afresh', () => {
    const driver = healthy();
    driver.apply({ type: 'pause', at: driver.now, until: Number.POSITIVE_INFINITY });
    driver.apply({ type: 'resume', at: driver.after(1).now });
    assert.equal(driver.state, 'starting');
    assert.equal(driver.answers(OK).state, 'healthy');
  });

  test('a resume does not wake a stopped app', () => {
    const driver = healthy().process('stopped');
    assert.equal(driver.apply({ type: 'resume', at: driver.now }).state, 'paused');
  });

  test('a reset forgives budget, backoff and breaker', () => {
    const driver = failStartup(failStartup(hopeless()));
    driver.apply({ type: 'reset', at: driver.now });
    assert.equal(driver.state, 'starting');
    assert.equal(driver.answers(...THREE_TIMES).state, 'restarting');
  });
});

describe('a checker that is unfit', () => {
  const unfit = (driver: Driver, why: string | null): Driver =>
    driver.apply({ type: 'fitness', at: driver.now, unfit: why });

  test('judges nothing, and nothing for 15 s after', () => {
    const driver = unfit(healthy().answers(REFUSED, REFUSED), 'PM2 does not answer');
    assert.equal(driver.state, 'unknown');
    driver.answers(...THREE_TIMES);
    unfit(driver, null);
    const fitAt = driver.now;
    while (driver.now < fitAt + 14_000) unfit(driver.answers(REFUSED), null).tick();
    assert.equal(driver.state, 'unknown');
    driver.after(1_000).tick();
    assert.equal(driver.state, 'failing');
    assert.equal(driver.answers(REFUSED, REFUSED).restarts.length, 0);
    assert.equal(driver.answers(REFUSED).restarts.length, 1);
  });

  test('probes at the usual pace while it settles, and not before', () => {
    const driver = unfit(healthy(), 'lag');
    assert.equal(paceOf(driver.verdict), 'idle');
    assert.equal(paceOf(unfit(driver, null).verdict), 'normal');
    driver.process('stopped');
    assert.equal(paceOf(driver.verdict), 'idle');
  });

  test('still follows what PM2 and our own restart do', () => {
    const driver = unfit(healthy().answers(...THREE_TIMES), 'lag').restarted();
    unfit(driver, null).after(15_000).tick();
    assert.equal(driver.state, 'starting');
    unfit(driver, 'lag').process('stopped');
    assert.equal(driver.state, 'paused');
  });

  test('does not forget an open breaker', () => {
    const driver = unfit(failStartup(failStartup(hopeless())), 'lag');
    unfit(driver, null).after(15_000).tick();
    assert.equal(driver.state, 'open');
  });
});

describe('incidents', () => {
  test('open at the first bad sample, are detected at the last, and end with the first good one', () => {
    const driver = healthy().answers(...THREE_TIMES);
    assert.deepEqual(last(driver, 'incidentOpened'), {
      type: 'incidentOpened',
      incident: {
        openedAt: 2_000,
        detectedAt: 4_000,
        cause: 'refused',
        detail: 'a refused',
        restarts: 1,
      },
    });
    driver.restarted().answers(OK);
    const resolved = last(driver, 'incidentResolved');
    assert.ok(resolved?.type === 'incidentResolved');
    assert.equal(resolved.end, 'recovered');
    assert.equal(resolved.incident.restarts, 1);
  });

  test('do not open for a blip', () => {
    const driver = healthy().answers(REFUSED, OK, REFUSED, REFUSED, OK);
    assert.equal(last(driver, 'incidentOpened'), undefined);
  });

  test('end as stopped when the operator stops the app', () => {
    const resolved = last(healthy().answers(fail('source')).process('stopped'), 'incidentResolved');
    assert.ok(resolved?.type === 'incidentResolved');
    assert.equal(resolved.end, 'stopped');
  });

  test('say that PM2 gave up where it did', () => {
    const opened = last(healthy().process('errored'), 'incidentOpened');
    assert.ok(opened?.type === 'incidentOpened');
    assert.equal(opened.incident.cause, 'errored');
  });
});
