import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { judgeOrphan, type OrphanEvidence } from '../../src/diagnosis/eviction.ts';
import { KeptOut } from '../../src/diagnosis/kept-out.ts';
import { Orphans } from '../../src/diagnosis/orphans.ts';
import { observationOf } from '../../src/target/observation.ts';
import { portsTakenIn } from '../../src/diagnosis/port-taken.ts';
import type { Orphan } from '../../src/diagnosis/diagnose.ts';
import type { FailureClass, Sample } from '../../src/probe/probe.ts';
import { readBlock, type TargetConfig } from '../../src/config/target-config.ts';
import { FakeClock } from '../support/fake-clock.ts';
import { FakePm2, managed } from '../support/fake-pm2.ts';

const OK: Sample = { kind: 'ok', detail: '200', at: 1, durationMs: 1 };
const BORN = 1_700_000_000_000;
const PORT = 3_000;

/** A server that was there a minute before the app's present incarnation. */
const ORPHAN: Orphan = {
  failure: { kind: 'fail', class: 'orphan', detail: 'port 3000 is held by process 7' },
  lives: [{ pid: 7, birth: 'b7' }],
  sinceMs: BORN - 60_000,
};

function bad(cls: FailureClass): Sample {
  return { kind: 'fail', class: cls, detail: cls, at: 1, durationMs: 1 };
}

const CALM: OrphanEvidence = {
  need: 'unknown',
  ageMs: 1_000,
  startupTimeoutMs: 20_000,
  silent: 0,
  name: 'web',
  failureThreshold: 3,
};

describe('a proven orphan', () => {
  test('that answers well is left alone until the app is seen to need its port', () => {
    const young = judgeOrphan(ORPHAN, OK, CALM);
    assert.ok(!young.isToEnd && young.sample.kind === 'unknown');
    const kept = judgeOrphan(ORPHAN, OK, { ...CALM, need: 'kept-out' });
    assert.ok(kept.isToEnd && kept.graceMs === 10_000);
  });

  test('that answers well beside an app that runs on, or exited well, is how the app runs', () => {
    for (const evidence of [
      { ...CALM, ageMs: 10_000 },
      { ...CALM, need: 'went-well' },
    ] as const) {
      const ruling = judgeOrphan(ORPHAN, OK, evidence);
      assert.ok(!ruling.isToEnd && ruling.isBackground);
      assert.ok(ruling.sample.kind === 'fail' && ruling.sample.class === 'misconfig');
      assert.match(ruling.sample.detail, /^web went to the background: .*in the foreground/);
    }
  });

  test('that answers well while the app may still start is neither the app nor how it runs', () => {
    for (const ageMs of [10_000, 60_000, 109_999]) {
      const ruling = judgeOrphan(ORPHAN, OK, { ...CALM, ageMs, startupTimeoutMs: 120_000 });
      assert.ok(!ruling.isToEnd && !ruling.isBackground);
      assert.ok(ruling.sample.kind === 'fail' && ruling.sample.class === 'orphan');
      assert.match(
        ruling.sample.detail,
        /it answers, and is not stopped unless web needs the port/,
      );
    }
    const late = judgeOrphan(ORPHAN, OK, { ...CALM, ageMs: 110_000, startupTimeoutMs: 120_000 });
    assert.ok(!late.isToEnd && late.isBackground);
  });

  test('that answers wrongly is stopped at once, with time to save what it has', () => {
    for (const cls of ['status', 'body', 'signature'] as const) {
      const ruling = judgeOrphan(ORPHAN, bad(cls), CALM);
      assert.ok(ruling.isToEnd && ruling.graceMs === 10_000, cls);
    }
  });

  test('that does not answer is stopped when that is proven, or the app needs its port', () => {
    const once = judgeOrphan(ORPHAN, bad('timeout'), { ...CALM, silent: 1 });
    assert.ok(!once.isToEnd && once.sample.kind === 'fail');
    assert.ok(judgeOrphan(ORPHAN, bad('timeout'), { ...CALM, silent: 3 }).isToEnd);
    assert.ok(
      judgeOrphan(ORPHAN, bad('timeout'), { ...CALM, silent: 1, need: 'kept-out' }).isToEnd,
    );
  });
});

describe('the orphans of a target', () => {
  const app = observationOf(managed({ startedAt: BORN }), new FakeClock());
  const read = readBlock({ http: `http://127.0.0.1:${PORT}/`, failureThreshold: 2 }, {});
  const config: TargetConfig = read.ok ? read.config : assert.fail();

  function orphans(
    need: OrphanEvidence['need'] = 'unknown',
    found: Orphan | null = ORPHAN,
  ): Orphans {
    const diagnoser = { findOrphan: async () => found };
    return new Orphans({ diagnoser, needOf: () => need, wall: () => BORN });
  }

  test('what did not answer before one was there is not held against it', () => {
    const each = orphans();
    for (let nth = 0; nth < 5; nth += 1) {
      each.judge({ orphan: null, sample: bad('refused') }, app, config, 0);
    }
    assert.equal(
      each.judge({ orphan: ORPHAN, sample: bad('refused') }, app, config, 0).isToEnd,
      false,
    );
    assert.equal(
      each.judge({ orphan: ORPHAN, sample: bad('timeout') }, app, config, 0).isToEnd,
      true,
    );
  });

  test('one that was silent as part of the app is stopped without a second proof', () => {
    const each = orphans();
    each.judge({ orphan: null, sample: bad('timeout') }, app, config, 0);
    assert.ok(each.judge({ orphan: ORPHAN, sample: bad('timeout') }, app, config, 0).isToEnd);
  });

  test('one is not charged with the silence of another: it came later, or the port was free between', () => {
    const later = orphans();
    later.judge({ orphan: null, sample: bad('timeout') }, app, config, 0);
    const young = { ...ORPHAN, sinceMs: BORN + 1 };
    assert.ok(!later.judge({ orphan: young, sample: bad('timeout') }, app, config, 0).isToEnd);
    for (const between of [bad('refused'), bad('status'), OK]) {
      const each = orphans();
      each.judge({ orphan: null, sample: bad('timeout') }, app, config, 0);
      each.judge({ orphan: null, sample: between }, app, config, 0);
      assert.ok(!each.judge({ orphan: ORPHAN, sample: bad('timeout') }, app, config, 0).isToEnd);
    }
  });

  test('one that answers for an app that PM2 gave up is reported, and not stopped', async () => {
    const each = orphans('went-well');
    assert.equal(await each.find(app, config, async () => OK, 0), null);
    assert.match(each.background ?? '', /went to the background/);
  });

  test('one that does not, or whose port the app needs, is stopped', async () => {
    assert.equal(
      await orphans('went-well').find(app, config, async () => bad('timeout'), 0),
      ORPHAN,
    );
    const needed = orphans('kept-out');
    assert.equal(
      await needed.find(app, config, () => assert.fail('nobody has to be asked'), 0),
      ORPHAN,
    );
    assert.deepEqual(needed.next, { lives: ORPHAN.lives, graceMs: 10_000 });
  });
});

describe('an app is seen to be kept from a port', () => {
  /** The events of the app with pm_id 0, whose present incarnation began at BORN. */
  function heard(play: (pm2: FakePm2) => void, fields = {}): string {
    const pm2 = new FakePm2();
    const told: number[] = [];
    const keptOut = new KeptOut(pm2, (pmId) => told.push(pmId));
    keptOut.start();
    keptOut.follow([managed({ startedAt: BORN, ...fields })]);
    play(pm2);
    const need = keptOut.needOf([0], PORT, ORPHAN.sinceMs);
    keptOut.stop();
    keptOut.stop();
    return told.length > 0 ? `${need}, told` : need;
  }

  test('when it says so of that port', () => {
    const says = (pm2: FakePm2): void => pm2.write(0, 'Error: listen EADDRINUSE: :::3000\n');
    assert.equal(heard(says), 'kept-out, told');
    assert.equal(
      heard((pm2) => pm2.write(0, 'EADDRINUSE: 127.0.0.1:9229')),
      'unknown, told',
    );
    assert.equal(
      heard((pm2) => pm2.write(1, 'EADDRINUSE: :::3000')),
      'unknown',
    );
  });

  test('when an incarnation exited with an error, unless somebody stopped it', () => {
    const failed = { code: 1, isOrdered: false };
    assert.equal(
      heard((pm2) => pm2.exits(0, BORN, failed)),
      'kept-out',
    );
    assert.equal(
      heard((pm2) => pm2.exits(0, BORN, { ...failed, isOrdered: true })),
      'unknown',
    );
    const twice = (pm2: FakePm2): void => {
      pm2.exits(0, BORN, { ...failed, isOrdered: true });
      // PM2 reports the exit of an incarnation that it stops twice.
      pm2.exits(0, BORN, failed);
    };
    assert.equal(heard(twice), 'unknown');
  });

  test('not when an incarnation exited well, nor when one exited that was older than the other', () => {
    assert.equal(
      heard((pm2) => pm2.exits(0, BORN, { code: 0, isOrdered: false })),
      'went-well',
    );
    const older = { code: 1, isOrdered: false };
    assert.equal(
      heard((pm2) => pm2.exits(0, BORN - 90_000, older)),
      'unknown',
    );
  });

  test('when PM2 gave it up after incarnations that exited with an error', () => {
    const given = { status: 'errored', pid: 0 } as const;
    assert.equal(
      heard(() => undefined, { ...given, env: { exit_code: 1 } }),
      'kept-out',
    );
    assert.equal(
      heard(() => undefined, { ...given, env: { exit_code: 0 } }),
      'went-well',
    );
  });
});

describe('of a port that is taken speaks', () => {
  const texts: [string, readonly number[] | null][] = [
    ['Error: listen EADDRINUSE: address already in use :::3000', [3_000]],
    ['Error: listen EADDRINUSE: address already in use ::1:3000', [3_000]],
    ['Error: Port 5173 is already in use', [5_173]],
    ['OSError: [Errno 98] Address already in use', []],
    ['12:03:04 ERROR bind: Address already in use', []],
    ['listen tcp :8080: bind: address already in use', [8_080]],
    ['nginx: [emerg] bind() to 0.0.0.0:80 failed (98: Address already in use)', [80]],
    ['Something is already running on port 3000.', [3_000]],
    ['listening on port 3000', null],
    ['the port is in use by nobody', null],
  ];
  for (const [text, ports] of texts) {
    test(text, () => {
      assert.deepEqual(
        portsTakenIn(`first line\n${text}\n    at server.js:12:3000\n`, true),
        ports,
      );
    });
  }

  test('on the standard output only what names the port', () => {
    assert.equal(portsTakenIn('GET /?q=address already in use', false), null);
    // The server that its script finds running is the one that is to run.
    assert.equal(
      portsTakenIn('The server is already running on port 8080, nothing to do', true),
      null,
    );
    const vite = 'Port 5173 is in use, trying another one...';
    assert.deepEqual(portsTakenIn(vite, false), [5_173]);
  });

  test('in linear time', () => {
    const began = performance.now();
    for (const part of ['port 1 ', 'address ', ':::', 'EADDRINUSE:', '1.1.1:']) {
      portsTakenIn(part.repeat(1_000_000 / part.length), true);
    }
    assert.ok(performance.now() - began < 20_000);
  });
});
