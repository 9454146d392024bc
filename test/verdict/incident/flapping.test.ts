import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import type { Decision } from '../../../src/verdict/decision.ts';
import { QUIET_MS } from '../../../src/verdict/incident/flapping.ts';
import { Driver, fail, OK, policyOf, UNKNOWN } from '../../support/verdict-driver.ts';

const REFUSED = fail('refused');
type Outcome = typeof OK | typeof UNKNOWN | typeof REFUSED;

const healthy = (policy = policyOf()): Driver => new Driver(policy).comesOnline(1e6).answers(OK);

/** A pattern again and again: `g` good, `b` bad, `?` unknown; a second for each. */
function play(driver: Driver, pattern: string, times = 1): Driver {
  const answers: Readonly<Record<string, Outcome>> = { g: OK, b: REFUSED, '?': UNKNOWN };
  for (let nth = 0; nth < times; nth += 1) {
    driver.answers(...pattern.split('').flatMap((letter) => answers[letter] ?? []));
  }
  return driver;
}

const causeOf = (driver: Driver): string | null => driver.verdict.incident?.cause ?? null;

/** What a log has a line for. */
function lines(driver: Driver): Decision[] {
  return driver.decisions.filter(
    (decision) => !(decision.type === 'transition' && decision.isHushed === true),
  );
}

describe('an app flaps', () => {
  for (const [what, pattern] of [
    ['that is good and bad in turn', 'bg'],
    ['of which two of three probes fail', 'bbg'],
    ['that is mostly well', 'ggggggggbg'],
  ] as const) {
    test(`${what}: one incident, no restart, and a line a minute`, () => {
      const driver = play(healthy(), pattern, Math.ceil(3_600 / pattern.length));
      assert.equal(causeOf(driver), 'flapping');
      assert.equal(driver.restarts.length, 0);
      const opened = driver.decisions.filter(({ type }) => type === 'incidentOpened');
      assert.equal(opened.length, 1);
      // An hour: one line a minute, and the few before it was found.
      assert.ok(lines(driver).length <= 60 + 8, `${lines(driver).length} lines`);
    });
  }

  test('with a change a minute', () => {
    const driver = healthy();
    for (let nth = 0; nth < 5; nth += 1) {
      const one = nth % 2 === 0 ? REFUSED : OK;
      driver.after(59_000).answers(one);
    }
    assert.equal(causeOf(driver), 'flapping');
  });

  test('with a blip every two minutes, and not with fewer', () => {
    const often = play(healthy(policyOf()), `${'g'.repeat(119)}b`, 20);
    assert.equal(causeOf(often), 'flapping');
    const seldom = play(healthy(policyOf()), `${'g'.repeat(159)}b`, 20);
    assert.equal(causeOf(seldom), null);
  });

  test('with too few good answers in two minutes, where it went bad more than once', () => {
    const driver = play(healthy(policyOf({ failureThreshold: 100 })), 'b', 60);
    play(driver, 'g', 50);
    assert.equal(causeOf(driver), null);
    play(driver, 'b', 12);
    assert.equal(causeOf(driver), 'flapping');
    assert.match(
      driver.verdict.incident?.detail ?? '',
      /^\d+ of \d+ answers of 2 minutes were good/,
    );
  });

  test('with a successThreshold that it never reaches', () => {
    const driver = play(healthy(policyOf({ successThreshold: 3 })), 'bbgg', 60);
    assert.equal(causeOf(driver), 'flapping');
    assert.equal(driver.restarts.length, 0);
  });

  test('with an impostor that answers now and then', () => {
    const driver = healthy();
    for (let nth = 0; nth < 600; nth += 1) driver.answers(fail('impostor'), OK);
    assert.equal(causeOf(driver), 'flapping');
    assert.ok(lines(driver).length < 40, `${lines(driver).length} lines`);
  });

  test('with a broken source more often than a person can break it: one incident until it is calm', () => {
    const driver = healthy();
    for (let nth = 0; nth < 300; nth += 1) driver.answers(fail('source'), OK);
    assert.equal(causeOf(driver), 'flapping');
    assert.match(driver.verdict.incident?.detail ?? '', /changes in \d+ s; last source: a source$/);
    const opened = (): number =>
      driver.decisions.filter(({ type }) => type === 'incidentOpened').length;
    // Twelve changes are seen before it is known that no person makes them.
    assert.ok(opened() <= 7, `${opened()} incidents`);
    // Ten minutes of one line each, and what the first six breaks and fixes bring.
    assert.ok(lines(driver).length <= 13 + 20, `${lines(driver).length} lines`);
    assert.equal(driver.restarts.length, 0);
    const before = opened();
    driver.after(QUIET_MS).answers(OK);
    assert.equal(causeOf(driver), null);
    assert.equal(opened(), before);
  });

  test('in observe mode, where it reaches the threshold and nothing is done', () => {
    const driver = play(healthy(policyOf({ action: 'observe' })), 'bbbbg', 360);
    assert.equal(causeOf(driver), 'flapping');
    assert.ok(lines(driver).length < 70, `${lines(driver).length} lines`);
  });
});

describe('it is no flapping', () => {
  test('to be bad for long and then well: one outage', () => {
    const driver = play(healthy(policyOf({ failureThreshold: 1_000 })), 'b', 110);
    play(driver, 'g', 200);
    assert.equal(causeOf(driver), null);
  });

  test('to hang, be restarted and start slowly, any number of times', () => {
    const driver = healthy(policyOf({ restarts: { limit: 100, maxBackoffMs: 1 } }));
    for (let nth = 0; nth < 10; nth += 1) {
      play(driver, 'bbb').restarted();
      play(driver, 'bbg').after(20_000);
    }
    assert.equal(driver.restarts.length, 10);
    assert.ok(
      driver.decisions.every((each) => !('incident' in each) || each.incident.cause !== 'flapping'),
    );
  });

  test('to be edited: a person breaks and fixes the source now and then', () => {
    const driver = healthy();
    for (let nth = 0; nth < 20; nth += 1) {
      driver.answers(fail('source')).after(100_000).answers(OK).after(60_000).answers(OK);
    }
    assert.equal(causeOf(driver), null);
    assert.ok(driver.decisions.every((each) => !('isHushed' in each)));
  });

  for (const everyMs of [5_500, 10_000, 30_000]) {
    test(`to be edited: broken or fixed every ${everyMs / 1_000} s, for 5 minutes`, () => {
      const driver = healthy();
      for (let at = 0; at < 300_000; at += 2 * everyMs) {
        driver.answers(fail('source')).after(everyMs).answers(OK).after(everyMs);
      }
      const causes = driver.decisions.flatMap((each) =>
        each.type === 'incidentOpened' ? [each.incident.cause] : [],
      );
      assert.ok(causes.length > 0 && causes.every((cause) => cause === 'source'), causes.join());
    });
  }

  test('to be edited, and to fail otherwise once', () => {
    const driver = healthy();
    for (let nth = 0; nth < 6; nth += 1) {
      driver.answers(fail('source')).after(20_000).answers(OK).after(10_000);
    }
    driver.answers(REFUSED, OK);
    assert.equal(causeOf(driver), null);
    // What else flaps meanwhile still counts.
    play(driver, 'bgb');
    assert.equal(causeOf(driver), 'flapping');
  });
});

describe('what goes back and forth and is no flapping', () => {
  /** What the log has of it: one line each. */
  const linesOf = (driver: Driver): Decision[] =>
    driver.decisions.filter(
      (each) =>
        (each.type === 'transition' || each.type === 'incidentResolved' || each.type === 'still') &&
        !('isHushed' in each && each.isHushed),
    );

  for (const [name, pair] of [
    ['a timeout and a broken source', [fail('timeout'), fail('source')]],
    ['a timeout and a wrong address', [fail('timeout'), fail('misconfig')]],
  ] as const) {
    test(`is reported some times, and then once a minute: ${name}`, () => {
      const driver = healthy();
      for (let nth = 0; nth < 300; nth += 1) driver.answers(...pair);
      // Eight at first, with the ends of their incidents, and then for ten minutes one each.
      assert.ok(linesOf(driver).length <= 12 + 2 * 10, `${linesOf(driver).length} lines`);
      assert.equal(driver.restarts.length, 0);
      const told = linesOf(driver).length;
      const steady = driver.state;
      driver.decisions = [];
      for (let nth = 0; nth < 70; nth += 1) driver.answers(pair[1]);
      assert.equal(driver.state, steady);
      assert.equal(linesOf(driver).length, 1, 'how it is at last is told');
      assert.ok(told > 10);
    });
  }

  test('is reported each time as long as it is rare', () => {
    const driver = healthy();
    for (let nth = 0; nth < 20; nth += 1) {
      driver.answers(fail('misconfig')).after(20_000).answers(fail('timeout'));
    }
    assert.ok(driver.decisions.every((each) => !('isHushed' in each)));
  });
});

describe('a flapping app', () => {
  const flapping = (policy = policyOf()): Driver => play(healthy(policy), 'bg', 5);

  test('is over it after five quiet minutes', () => {
    const driver = flapping()
      .after(QUIET_MS - 2_000)
      .answers(OK);
    assert.equal(causeOf(driver), 'flapping');
    driver.after(2_000).answers(OK);
    assert.equal(causeOf(driver), null);
    const end = driver.decisions.findLast(({ type }) => type === 'incidentResolved');
    assert.ok(end?.type === 'incidentResolved' && end.end === 'recovered');
  });

  test('is not over it by minutes that nobody saw', () => {
    const driver = play(flapping(), '???').after(QUIET_MS * 2);
    assert.equal(causeOf(driver.answers(OK)), 'flapping');
  });

  test('that hangs is restarted, and that is the graver incident', () => {
    const driver = play(flapping(), 'bbb');
    assert.equal(driver.restarts.length, 1);
    assert.equal(causeOf(driver), 'refused');
    assert.equal(driver.verdict.incident?.restarts, 1);
    const kinds = driver.decisions.slice(-4).map(({ type }) => type);
    assert.deepEqual(kinds, ['incidentResolved', 'incidentOpened', 'restart', 'transition']);
    play(driver.restarted(), 'g');
    assert.equal(causeOf(driver), null);
  });

  test('that stays bad with nothing to be done about it is reported as such', () => {
    const driver = flapping();
    for (let nth = 0; nth < 70; nth += 1) driver.answers(fail('misconfig'));
    assert.equal(causeOf(driver), 'misconfig');
  });

  test('that is stopped, or that PM2 gives up, is that', () => {
    assert.equal(causeOf(flapping().process('stopped')), null);
    assert.equal(causeOf(flapping().process('errored')), 'errored');
  });
});

describe('a check that gives a result only now and then', () => {
  test('has a line a minute, and a spell of nothing that lasts has one at last', () => {
    const driver = play(healthy(), '???g', 900);
    assert.ok(lines(driver).length <= 122, `${lines(driver).length} lines`);
    const before = lines(driver).length;
    play(driver, '?', 100);
    assert.ok(lines(driver).slice(before).length >= 1);
    assert.equal(driver.state, 'unknown');
  });
});

describe('any answers', () => {
  const letter = fc.constantFrom('g', 'g', 'b', 'b', '?');

  test('what is kept is of fixed size, and the lines of what is never restarted are few', () => {
    fc.assert(
      fc.property(fc.array(letter, { minLength: 1, maxLength: 12 }), (letters) => {
        const driver = play(healthy(policyOf({ action: 'observe' })), letters.join(''), 200);
        const { flap } = driver.verdict;
        assert.ok((flap?.changes.length ?? 0) <= 5);
        assert.ok((flap?.buckets.length ?? 0) <= 13);
        const minutes = driver.now / 60_000;
        assert.ok(
          lines(driver).length <= 20 + 4 * minutes,
          `${lines(driver).length} lines in ${minutes} min`,
        );
      }),
    );
  });
});
