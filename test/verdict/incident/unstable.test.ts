import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { RestartCause } from '../../../src/verdict/incident/unstable.ts';
import { countRestart, describeRestarts } from '../../../src/verdict/incident/unstable.ts';
import { Driver, fail, OK, policyOf } from '../../support/verdict-driver.ts';

/** An app that PM2 restarts by itself, each time after so long. */
class Restless extends Driver {
  restartedByPm2(cause: RestartCause = 'crash', detail = 'crashed, exit code 1', count = 1): this {
    this.process('transit').comesOnline();
    return this.apply({ type: 'restarted', at: this.now, cause, detail, count });
  }

  lives(ms: number, times: number, cause: RestartCause = 'crash'): this {
    for (let nth = 0; nth < times; nth += 1) {
      this.after(ms).restartedByPm2(cause).answers(OK);
    }
    return this;
  }

  /** It never answers, and ends after five seconds each time. */
  dies(times: number): this {
    for (let nth = 0; nth < times; nth += 1) {
      this.after(4_000).restartedByPm2().answers(fail('refused'));
    }
    return this;
  }

  get incidents(): string[] {
    return this.decisions.flatMap((each) =>
      each.type === 'incidentOpened'
        ? [each.incident.cause]
        : each.type === 'incidentResolved'
          ? [`${each.incident.cause} ${each.end}`]
          : [],
    );
  }

  get shown(): number {
    return this.decisions.filter(
      (each) => (each.type === 'transition' && each.isHushed !== true) || each.type === 'still',
    ).length;
  }
}

const HOLD = { reason: 'db is down', isDown: true };

const watched = (): Restless => new Restless().comesOnline().answers(OK);

describe('an app that PM2 restarts again and again', () => {
  test('has one incident at the fifth time, and no restart of ours', () => {
    const app = watched().lives(5_000, 4);
    assert.deepEqual(app.incidents, []);
    app.lives(5_000, 1);
    assert.deepEqual(app.incidents, ['unstable']);
    app.lives(5_000, 50);
    assert.deepEqual(app.incidents, ['unstable']);
    assert.deepEqual(app.restarts, []);
  });

  test('is reported once a minute, not at each incarnation', () => {
    const app = watched().lives(1_200, 20);
    const before = app.shown;
    app.lives(1_200, 480);
    const minutes = (480 * 2_200) / 60_000;
    assert.ok(app.shown - before <= minutes + 1, `${app.shown - before}`);
    assert.ok(before <= 12, `${before}`);
  });

  test('is well again after ten minutes without a restart', () => {
    const app = watched().lives(5_000, 6);
    app.after(590_000).answers(OK);
    assert.deepEqual(app.incidents, ['unstable']);
    app.after(10_000).answers(OK);
    assert.deepEqual(app.incidents, ['unstable', 'unstable recovered']);
    assert.equal(app.verdict.restartRun, null);
  });

  test('is not unstable with four in ten minutes, however long that goes on', () => {
    assert.deepEqual(watched().lives(150_000, 40).incidents, []);
  });

  test('is not unstable by restarts of ours', () => {
    assert.deepEqual(watched().lives(5_000, 20, 'us').incidents, []);
  });

  test('is unstable by any other cause', () => {
    for (const cause of ['exit', 'memory', 'unknown'] as const) {
      assert.deepEqual(watched().lives(5_000, 6, cause).incidents, ['unstable'], cause);
    }
  });

  test('is not unstable by commands, nor where a person saves files under watch', () => {
    assert.deepEqual(watched().lives(5_000, 20, 'operator').incidents, []);
    assert.deepEqual(watched().lives(100_000, 6, 'watch').incidents, [], 'five in ten minutes');
    assert.deepEqual(watched().lives(9_000, 60, 'watch').incidents, [], 'a busy hour');
    const app = watched().lives(5_000, 4, 'watch').lives(5_000, 4);
    assert.deepEqual(app.incidents, [], 'four crashes beside');
    assert.deepEqual(app.lives(5_000, 1).incidents, ['unstable'], 'and a fifth');
  });

  test('is not unstable by its cron_restart, unless that comes every few seconds', () => {
    assert.deepEqual(watched().lives(60_000, 60, 'cron').incidents, [], 'every minute');
    assert.deepEqual(watched().lives(15_000, 60, 'cron').incidents, [], 'every 15 s');
    assert.deepEqual(watched().lives(5_000, 30, 'cron').incidents, ['unstable'], 'every 5 s');
    const app = watched();
    for (let minute = 0; minute < 4; minute += 1) app.lives(60_000, 1, 'cron').lives(5_000, 1);
    assert.deepEqual(app.incidents, [], 'four crashes');
  });

  test('is unstable where it sets off its own watch, as with a log in a watched folder', () => {
    const app = watched().lives(1_200, 9, 'watch');
    assert.deepEqual(app.incidents, []);
    app.lives(1_200, 20, 'watch');
    assert.deepEqual(app.incidents, ['unstable']);
  });

  test('is left to PM2 for the first 20 seconds: an app that PM2 gives up is another incident', () => {
    const app = watched();
    for (let nth = 0; nth < 16; nth += 1) app.after(300).restartedByPm2();
    assert.deepEqual(app.incidents, []);
    app.process('errored');
    assert.deepEqual(app.incidents, ['errored']);
    assert.equal(app.verdict.restartRun, null);
  });

  test('and which never answers has that one incident, not one more for its start', () => {
    const app = new Restless().comesOnline();
    for (let nth = 0; nth < 100; nth += 1) {
      app.after(4_000).restartedByPm2().answers(fail('refused'));
    }
    assert.deepEqual(app.incidents, ['unstable']);
  });

  for (const cls of ['impostor', 'source', 'misconfig'] as const) {
    test(`and finds ${cls} each time has one incident, and one line a minute after the first ones`, () => {
      const app = new Restless().comesOnline().answers(fail(cls));
      for (let nth = 0; nth < 120; nth += 1) {
        app.after(4_000).restartedByPm2().answers(fail(cls));
      }
      assert.deepEqual(app.incidents, [cls]);
      assert.ok(app.shown < 30, `${app.shown} lines in ten minutes`);
      app.answers(OK);
      assert.deepEqual(app.incidents, [cls, `${cls} recovered`, 'unstable']);
    });
  }

  test('and then hangs has the graver incident in its place', () => {
    const app = watched()
      .lives(5_000, 6)
      .answers(fail('timeout'), fail('timeout'), fail('timeout'));
    assert.deepEqual(app.incidents, ['unstable', 'unstable worse', 'timeout']);
    assert.equal(app.restarts.length, 1);
  });

  test('and closes its port long before PM2 says that it ended is left to PM2', () => {
    const app = watched().lives(5_000, 6);
    for (const cls of ['refused', 'reset'] as const) {
      app.answers(...Array.from({ length: 8 }, () => fail(cls)));
      app.restartedByPm2().answers(OK);
    }
    assert.deepEqual(app.incidents, ['unstable']);
    assert.deepEqual(app.restarts, []);
  });

  test('and stays with its port closed for longer than ten seconds is restarted', () => {
    const app = watched().lives(5_000, 6);
    app.answers(...Array.from({ length: 12 }, () => fail('refused')));
    assert.deepEqual(app.incidents, ['unstable', 'unstable worse', 'refused']);
    assert.equal(app.restarts.length, 1);
  });

  test('is as it was while PM2 waits to start it, however long that takes', () => {
    const app = new Restless(policyOf({ startupTimeoutMs: 20_000 })).comesOnline().answers(OK);
    app.lives(5_000, 6);
    for (let nth = 0; nth < 4; nth += 1) {
      app.process('transit');
      for (let tick = 0; tick < 9; tick += 1) app.after(10_000).tick();
      app.restartedByPm2().answers(OK);
    }
    assert.deepEqual(app.incidents, ['unstable']);
  });

  test('is over when the operator stops it, and is counted from the beginning when they start it', () => {
    const app = watched().lives(5_000, 6).process('stopped');
    assert.deepEqual(app.incidents, ['unstable', 'unstable stopped']);
    app.after(1_000).comesOnline().answers(OK).lives(5_000, 4);
    assert.deepEqual(app.incidents, ['unstable', 'unstable stopped']);
  });

  test('is counted while it is paused, and reported afterwards', () => {
    const app = watched();
    app.apply({ type: 'pause', at: app.now, until: Number.POSITIVE_INFINITY });
    for (let nth = 0; nth < 8; nth += 1) app.after(5_000).restartedByPm2();
    assert.deepEqual(app.incidents, []);
    app.apply({ type: 'resume', at: app.now }).answers(OK);
    assert.deepEqual(app.incidents, ['unstable']);
  });

  for (const cls of ['refused', 'timeout', 'status', 'memory'] as const) {
    test(`after a restart of ours for ${cls}: has that incident until PM2 has restarted it five times since`, () => {
      const app = watched().lives(5_000, 3);
      app.answers(fail(cls), fail(cls), fail(cls)).restarted();
      assert.deepEqual(app.incidents, [cls]);
      app.dies(4);
      assert.deepEqual(app.incidents, [cls]);
      app.dies(1);
      assert.deepEqual(app.incidents, [cls, `${cls} worse`, 'unstable']);
      app.dies(100);
      assert.equal(app.incidents.length, 3);
      assert.equal(app.restarts.length, 1);
    });
  }

  test('and then does not come up at all, then is lost, then dies again: each for itself, none for a lesser one', () => {
    const app = watched().lives(5_000, 6);
    app.answers(fail('timeout'), fail('timeout'), fail('timeout')).restarted();
    assert.deepEqual(app.incidents.slice(1), ['unstable worse', 'timeout']);
    app.process('lost', 0, { detail: 'the log folder is gone', missing: '/logs' });
    assert.deepEqual(app.incidents.slice(3), ['timeout worse', 'lost']);
    app.dies(4);
    assert.deepEqual(app.incidents.slice(5), []);
    app.dies(1);
    assert.deepEqual(app.incidents.slice(5), ['lost worse', 'unstable']);
    app.process('lost', 0, { detail: 'the log folder is gone', missing: '/logs' });
    assert.deepEqual(app.incidents.slice(7), ['unstable worse', 'lost']);
    assert.equal(app.restarts.length, 1);
  });

  test('and was well before the hang is found: unstable again when it is well', () => {
    const app = watched().lives(5_000, 6);
    app.answers(fail('timeout'), fail('timeout'), fail('timeout')).restarted().answers(OK);
    assert.deepEqual(app.incidents.slice(1), [
      'unstable worse',
      'timeout',
      'timeout recovered',
      'unstable',
    ]);
  });

  test('with a broken source keeps that: it says which file', () => {
    const app = watched().answers(fail('source'));
    for (let nth = 0; nth < 8; nth += 1) app.after(5_000).restartedByPm2('watch');
    assert.deepEqual(app.incidents, ['source']);
  });

  test('that flapped before is unstable', () => {
    const app = watched();
    for (let nth = 0; nth < 4; nth += 1) app.answers(fail('status'), OK);
    assert.deepEqual(app.incidents, ['flapping']);
    app.dies(5);
    assert.deepEqual(app.incidents, ['flapping', 'flapping worse', 'unstable']);
  });

  test('while what it depends on is down has no incident of its own', () => {
    const app = watched().answers(fail('refused'), fail('refused'), fail('refused')).restarted();
    app.apply({ type: 'dependency', at: app.now, hold: HOLD });
    app.dies(10);
    assert.deepEqual(app.incidents, ['refused']);
  });

  test('is described with its causes and the last one', () => {
    const one = { cause: 'crash', detail: 'crashed', count: 1 } as const;
    const run = countRestart(countRestart(null, one, 0), { ...one, detail: 'again' }, 90_000);
    assert.ok(run);
    assert.equal(describeRestarts(run), 'PM2 restarted it 2 times in 90 s; last: again');
    const more = countRestart(run, { cause: 'unseen', detail: 'not observed', count: 7 }, 180_000);
    assert.ok(more);
    assert.equal(
      describeRestarts(more),
      'PM2 restarted it 9 times in 3 min (2 after a crash, 7 not observed); last: not observed',
    );
    assert.equal(more.recent.length, 3);
  });
});
