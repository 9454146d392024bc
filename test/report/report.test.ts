import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { readBlock, type TargetConfig } from '../../src/config/target-config.ts';
import type { Io, MetricValue } from '../../src/pm2/io.ts';
import { durationText } from '../../src/text/duration-text.ts';
import { logDecision, logExecution, type Level, type Log } from '../../src/report/log.ts';
import { Metrics, wordOf } from '../../src/report/metrics.ts';
import type { ChannelStatus } from '../../src/report/notify-status.ts';
import { sentenceOf } from '../../src/report/sentence.ts';
import { statusDocument, targetOf } from '../../src/report/status.ts';
import type { TargetView } from '../../src/report/view.ts';
import { enterState, unknownUptime } from '../../src/uptime/figures.ts';
import { Driver, OK, UNKNOWN, fail, policyOf } from '../support/verdict-driver.ts';
import { FakeClock } from '../support/fake-clock.ts';

const read = readBlock(
  { http: { url: 'http://127.0.0.1:3000/', headers: { authorization: 'Bearer s3cret' } } },
  {},
);
assert.ok(read.ok);
const config: TargetConfig = read.config;
const REFUSED = fail('refused');

/** The view of a target that a driver has brought into some state. */
function viewOf(driver: Driver, name = 'web', pmId = 0): TargetView {
  return {
    name,
    pmId,
    pid: 4711,
    instance: 0,
    config: { ...config, policy: driver.policy },
    verdict: driver.verdict,
    last: { ...OK, at: driver.now, durationMs: 12.34 },
    restartsTotal: 1,
    uptime: unknownUptime(0),
    errorLog: null,
  };
}

function healthy(policy = policyOf()): Driver {
  return new Driver(policy).comesOnline(1e6).answers(OK);
}

function open(): Driver {
  const driver = healthy(policyOf({ restarts: { limit: 1 } }));
  return driver
    .answers(REFUSED, REFUSED, REFUSED)
    .restarted()
    .answers(OK, REFUSED, REFUSED, REFUSED);
}

/** Every state, how it is reached, its word for `pm2 monit` and its sentence. */
const STATES: [string, Driver, string, RegExp][] = [
  ['starting', new Driver().comesOnline(), 'STARTING', /^starting: pid 4711, no answer yet$/],
  [
    'between two lives',
    healthy().process('transit'),
    'STARTING',
    /^starting: not up, PM2 is stopping or starting it$/,
  ],
  ['healthy', healthy(), 'UP 12ms', /^healthy \(204\)$/],
  [
    'unknown by its check',
    healthy().answers(UNKNOWN, UNKNOWN, UNKNOWN),
    'UNKNOWN',
    /^unknown, not judged: the check itself gives no result \(getaddrinfo EAI_AGAIN\)$/,
  ],
  [
    'flapping',
    healthy().answers(REFUSED, OK, REFUSED, OK, REFUSED, OK),
    'FLAPPING',
    /^flapping \(good and bad in turn, 5 changes in 4 s; last refused: a refused\); now healthy \(204\)$/,
  ],
  [
    'failing',
    healthy().answers(REFUSED, REFUSED),
    'DOWN 2/3',
    /^failing 2\/3 \(refused: a refused\)$/,
  ],
  [
    'restarting',
    healthy().answers(REFUSED, REFUSED, REFUSED),
    'RESTART',
    /^restarting \(restart 1 of 5 in 10m\)$/,
  ],
  [
    'open',
    open(),
    'OPEN 15m',
    /^gave up, retry in 15m: the restart budget is spent; last seen refused: a refused$/,
  ],
  [
    'errored',
    healthy().process('errored'),
    'OPEN 15m',
    /^gave up, retry in 15m: PM2 gave the app up \(errored\)$/,
  ],
  [
    'half open',
    healthy().process('errored').after(900_000).tick(),
    'TRIAL',
    /^halfOpen: one trial restart/,
  ],
  [
    'degraded',
    healthy().answers(fail('source')),
    'DEGRADED',
    /^degraded, not restarted \(source: a source\): a restart cannot fix this$/,
  ],
  ['stopped', healthy().process('stopped'), 'STOPPED', /^paused: stopped in PM2$/],
  ['deleted', healthy().process('gone'), 'STOPPED', /^paused: deleted from PM2$/],
  [
    'unwatched',
    healthy().process('unwatched'),
    'STOPPED',
    /^no longer watched: no block is in force/,
  ],
  [
    'paused',
    healthy().apply({ type: 'pause', at: 2_000, until: 1_802_000 }),
    'PAUSED',
    /^paused by the operator for 30m more$/,
  ],
  [
    'paused for good',
    healthy().apply({ type: 'pause', at: 2_000, until: Infinity }),
    'PAUSED',
    /^paused by the operator until resumed$/,
  ],
  [
    'unknown',
    healthy().apply({ type: 'fitness', at: 2_000, unfit: 'PM2 does not answer' }),
    'UNKNOWN',
    /^unknown, not judged: PM2 does not answer$/,
  ],
];

test('a healthy app says so where it is not known who answers', () => {
  const portNote = 'it is not known who answers: 192.0.2.1 is not an address of this machine';
  const sentence = sentenceOf({ ...viewOf(healthy()), portNote });
  assert.match(sentence, /^healthy.*; it is not known who answers: 192\.0\.2\.1 is not an address/);
});

describe('every state has a word for pm2 monit and a sentence', () => {
  for (const [what, driver, word, sentence] of STATES) {
    test(what, () => {
      const view = viewOf(driver);
      assert.equal(wordOf(view, driver.now), word);
      assert.ok(word.length <= 8);
      assert.match(sentenceOf(view), sentence);
    });
  }

  test('of an app that is only observed none announces a restart', () => {
    const backoff = healthy();
    backoff.slotFreeAt = backoff.now + 13_000;
    backoff.answers(REFUSED, REFUSED, REFUSED);
    const failing = healthy().answers(REFUSED);
    for (const [driver, word] of [
      [failing, 'DOWN 1/3'],
      [backoff, 'WAIT'],
      [open(), 'OPEN'],
    ] as const) {
      const view = viewOf(driver);
      const policy = { ...view.config.policy, action: 'observe' } as const;
      const observed = { ...view, config: { ...view.config, policy } };
      assert.match(sentenceOf(observed), /observe mode: no restart$/);
      assert.doesNotMatch(sentenceOf(observed), /next (restart|trial)/);
      assert.equal(wordOf(observed, driver.now), word);
    }
  });

  test('a wait in backoff', () => {
    const driver = healthy();
    driver.slotFreeAt = driver.now + 13_000;
    driver.answers(REFUSED, REFUSED, REFUSED);
    assert.match(wordOf(viewOf(driver), driver.now), /^WAIT \d+s$/);
    assert.match(sentenceOf(viewOf(driver)), /^backoff: refused: a refused; next restart in \d+s$/);
  });

  test('a drain before a restart', () => {
    const driver = healthy(policyOf({ drainMs: 3_000 }));
    driver.answers(fail('memory'), fail('memory'), fail('memory'));
    assert.match(sentenceOf(viewOf(driver)), /; next restart in 3s \(drain\)$/);
  });
});

describe('a length of time', () => {
  for (const [ms, text, short] of [
    [0, '0ms', '0ms'],
    [12.4, '12ms', '12ms'],
    [999, '1s', '1s'],
    [1_234, '1.2s', '1s'],
    [59_700, '1m', '1m'],
    [61_000, '1m', '1m'],
    [95_000, '1.6m', '2m'],
    [840_000, '14m', '14m'],
    [7_200_000, '2h', '2h'],
    [-5, '0ms', '0ms'],
    [Infinity, 'ever', 'ever'],
  ] as const) {
    test(`${ms} ms is ${text}`, () => {
      assert.equal(durationText(ms), text);
      assert.equal(durationText(ms, 0), short);
    });
  }
});

/** A log that keeps what it is given. */
function recorder(): Log & { lines: { level: Level; message: string; fields: unknown }[] } {
  const lines: { level: Level; message: string; fields: unknown }[] = [];
  return { lines, line: (level, message, fields) => lines.push({ level, message, fields }) };
}

function logged(driver: Driver, uptime = unknownUptime(0)): string[] {
  const log = recorder();
  const view = { ...viewOf(driver), uptime };
  for (const decision of driver.decisions) logDecision(log, view, 'web', decision);
  return log.lines.map(({ message }) => message);
}

describe('the log', () => {
  test('says why it restarts, and which restart of the budget it is', () => {
    assert.ok(
      logged(healthy().answers(REFUSED, REFUSED, REFUSED)).includes(
        'web: restarting: 3 of 3 checks failed (refused: a refused); restart 1 of 5 in 10m',
      ),
    );
  });

  test('counts no answers where an orphan of the app is proven', () => {
    const driver = healthy();
    driver.apply({ type: 'orphan', at: driver.now, failure: fail('orphan'), slotFreeAt: 0 });
    assert.ok(
      logged(driver).includes(
        'web: stopping an old process of the app: a orphan; restart 1 of 5 in 10m',
      ),
    );
  });

  test('says how long an incident lasted and what it cost', () => {
    const driver = healthy().answers(REFUSED, REFUSED, REFUSED).restarted().answers(OK);
    const before = enterState(enterState(unknownUptime(0), 'up', 0), 'down', driver.now - 5_500);
    assert.equal(
      logged(driver, enterState(before, 'up', driver.now)).at(-1),
      'web: incident over (recovered), down for 5.5s, 1 restart: refused',
    );
  });

  test('says what observe mode would have done', () => {
    const driver = healthy(policyOf({ action: 'observe' })).answers(REFUSED, REFUSED, REFUSED);
    assert.ok(
      logged(driver).some((line) => line.includes('would restart, but observe mode is on')),
    );
  });

  test('says that a trial is one', () => {
    const driver = healthy().process('errored').after(900_000).tick();
    assert.ok(
      logged(driver).includes(
        'web: trial restart: PM2 gave the app up (errored); restart 1 of 5 in 10m',
      ),
    );
  });

  test('has no line for a probe that changes nothing', () => {
    const driver = healthy();
    const before = driver.decisions.length;
    driver.answers(OK, OK, OK);
    assert.equal(driver.decisions.length, before);
  });

  test('shows the result of an order', () => {
    const log = recorder();
    const order = {
      pmId: 0,
      name: 'web',
      method: 'restart',
      incarnation: null,
      orphan: [],
    } as const;
    logExecution(log, viewOf(healthy()), 'web', order, { result: 'failed', detail: 'no answer' });
    assert.deepEqual(log.lines[0]?.message, 'web: restart failed: no answer');
    assert.equal(log.lines[0]?.level, 'error');
  });
});

describe('a target of several instances', () => {
  test('says how many are online, where some are not', () => {
    const view = viewOf(healthy());
    const of = (online: number): TargetView => ({ ...view, instances: { online, all: 3 } });
    assert.equal(sentenceOf(of(3)), 'healthy (204)');
    assert.equal(sentenceOf(of(2)), 'healthy (204); 2 of 3 instances online');
    const stopped = viewOf(healthy().process('stopped'));
    assert.equal(sentenceOf({ ...stopped, instances: { online: 0, all: 3 } }), sentenceOf(stopped));
  });
});

describe('the status document', () => {
  test('has the fields of DESIGN §9, in ISO time, and no secret of the probe', () => {
    const clock = new FakeClock();
    const driver = healthy().answers(REFUSED, REFUSED);
    clock.monotonic = driver.now;
    const leading = { unfit: null, history: { isKept: true, why: null }, unwatched: ['api'] };
    const facts = { version: '1.2.3', pid: 1, beganAt: 0, leading, problems: [] };
    const document = statusDocument(facts, [viewOf(driver)], [], clock);
    assert.equal(document.schemaVersion, 1);
    const [target] = document.targets;
    assert.deepEqual(Object.keys(target ?? {}), [
      'name',
      'instance',
      'pmId',
      'pid',
      'instances',
      'state',
      'since',
      'summary',
      'next',
      'probe',
      'last',
      'failures',
      'threshold',
      'restarts',
      'incident',
      'uptime',
    ]);
    assert.equal(target?.failures, 2);
    assert.deepEqual(target?.probe, {
      type: 'http',
      target: 'http://127.0.0.1:3000/',
      periodMs: 5_000,
      timeoutMs: 2_000,
    });
    assert.deepEqual(target.next, { what: 'restarted after 1 more bad answer', at: null });
    assert.equal(target?.since, new Date(clock.wallTime - 1_000).toISOString());
    assert.ok(!JSON.stringify(document).includes('s3cret'));
  });

  test('says by a field of its own why a target is unknown', () => {
    const clock = new FakeClock();
    const facts = { version: '1', pid: 1, beganAt: 0, problems: [], leading: null };
    const unknownOf = (driver: Driver): unknown =>
      statusDocument(facts, [viewOf(driver)], [], clock).targets[0]?.unknown;
    const blind = healthy().answers(UNKNOWN, UNKNOWN, UNKNOWN);
    assert.deepEqual(unknownOf(blind), { cause: 'check', detail: UNKNOWN.detail });
    const unfit = healthy();
    unfit.apply({ type: 'fitness', at: unfit.now, unfit: 'lag' });
    assert.deepEqual(unknownOf(unfit), { cause: 'monitor', detail: 'lag' });
    assert.equal(unknownOf(healthy()), undefined);
  });

  test('says whether we lead, can judge, and keep what happens', () => {
    const clock = new FakeClock();
    const history = { isKept: false, why: 'the disk is full' };
    const facts = { version: '1.2.3', pid: 1, beganAt: 0, problems: [] };
    const stateOf = (leading: Parameters<typeof statusDocument>[0]['leading']) => {
      const { state, history } = statusDocument({ ...facts, leading }, [], [], clock).monitor;
      return { state, history };
    };
    assert.deepEqual(stateOf(null), { state: 'standby', history: null });
    assert.deepEqual(stateOf({ unfit: null, history, unwatched: [] }), {
      state: 'active',
      history,
    });
    assert.deepEqual(stateOf({ unfit: 'lag', history, unwatched: [] }), {
      state: 'unfit',
      history,
    });
  });

  test('names what each kind of probe asks', () => {
    assert.equal(targetOf({ type: 'tcp', host: '::1', port: 80 }), '[::1]:80');
    assert.equal(targetOf({ type: 'tcp', host: 'localhost', port: 80 }), 'localhost:80');
    assert.equal(
      targetOf({ type: 'exec', file: 'check', args: ['--token', 'x'], env: {} }),
      'check',
    );
  });
});

describe('the metrics', () => {
  function registered(views: () => TargetView[]): {
    metrics: Metrics;
    shown: Map<string, MetricValue>;
    clock: FakeClock;
  } {
    const clock = new FakeClock();
    const shown = new Map<string, MetricValue>();
    const io: Io = { metric: (name, value) => shown.set(name, value), action: () => undefined };
    const metrics = new Metrics(io, clock, views);
    metrics.register();
    return { metrics, shown, clock };
  }

  test('are one per app, the worst first, then the totals', () => {
    const views = [
      viewOf(healthy(), 'ok'),
      viewOf(open(), 'bad', 1),
      viewOf(healthy().answers(REFUSED), 'ill', 2),
    ];
    const { metrics, shown } = registered(() => views);
    assert.deepEqual([...shown.keys()], ['bad', 'ill', 'ok', 'restarts', 'incidents', 'probe p95']);
    metrics.countRestart();
    for (let i = 1; i <= 100; i += 1) metrics.measure(i);
    assert.equal(shown.get('restarts')?.(), 1);
    assert.equal(shown.get('incidents')?.(), 0);
    assert.equal(shown.get('probe p95')?.(), '96ms');
  });

  test('are never more than eight, with the rest of the apps in one', () => {
    const views = Array.from({ length: 20 }, (_, i) => viewOf(healthy(), `app${i}`, i));
    const { shown } = registered(() => views);
    assert.ok(shown.size <= 8, [...shown.keys()].join());
    assert.equal(shown.get('other apps')?.(), 'UP 16');
  });

  test('say that the monitor stood by in the place of one app, so that eight stay eight', () => {
    let views: TargetView[] = [];
    const { metrics, shown } = registered(() => views);
    for (const word of ['STANDBY', 'again']) metrics.registerMonitor(() => word);
    views = Array.from({ length: 20 }, (_, i) => viewOf(healthy(), `app${i}`, i));
    metrics.register();
    assert.equal(shown.get('monitor')?.(), 'STANDBY');
    assert.equal(shown.size, 8);
    assert.equal(shown.get('other apps')?.(), 'UP 17');
  });

  test('say which event loop is the latest, once an app has the agent', () => {
    const { metrics, shown } = registered(() => [viewOf(healthy())]);
    metrics.register();
    assert.equal(shown.has('loop p99'), false);
    let latest: { name: string; instance: number; p99Ms: number } | null = null;
    metrics.registerLoop(() => latest);
    assert.equal(shown.get('loop p99')?.(), '–');
    latest = { name: 'we\u001bb', instance: 1, p99Ms: 1_500 };
    const word = String(shown.get('loop p99')?.());
    assert.match(word, /^1\.5s we.*b/);
    assert.ok(!word.includes('\u001b'));
  });

  test('say how many channels fail and how many messages wait, in the place of one app', () => {
    let channels: readonly ChannelStatus[] = [];
    let views: TargetView[] = [];
    const { metrics, shown } = registered(() => views);
    metrics.registerNotify(() => channels);
    views = [
      viewOf(healthy(), 'notify'),
      ...Array.from({ length: 20 }, (_, i) => viewOf(healthy(), `app${i}`, i)),
    ];
    metrics.register();
    assert.equal(shown.size, 8);
    assert.equal(shown.get('app notify')?.(), 'UP 12ms');
    assert.equal(shown.get('notify')?.(), 'OK');
    const phone = { name: 'phone', shown: 'ntfy (ntfy.sh)', sent: 1, failed: 0, lastSentAt: null };
    channels = [{ ...phone, waiting: 0, problem: null }];
    assert.equal(shown.get('notify')?.(), 'OK');
    channels = [...channels, { ...phone, waiting: 3, problem: null }];
    assert.equal(shown.get('notify')?.(), 'WAIT 3');
    channels = [...channels, { ...phone, waiting: 2, problem: 'answered 503' }];
    assert.equal(shown.get('notify')?.(), 'FAIL 1 WAIT 5');
    channels = [{ ...phone, waiting: 0, problem: 'answered 404' }];
    assert.equal(shown.get('notify')?.(), 'FAIL 1');
  });

  test('of apps that come and go leave room for those that come, and are bounded', () => {
    let views: TargetView[] = [];
    const { metrics, shown, clock } = registered(() => views);
    for (let round = 0; round < 10; round += 1) {
      const names = ['a', 'b', 'c', 'd', 'e'].map((name) => `${name}${round}`);
      views = names.map((name, at) => viewOf(healthy(), name, at));
      clock.monotonic += 1_000;
      metrics.register();
      const own = names.filter((name) => shown.has(name));
      assert.equal(own.length, round < 3 ? 4 : 0, `${round}: ${own.join()}`);
      assert.equal(shown.get('other apps')?.(), `UP ${5 - own.length}`);
    }
    assert.equal(shown.get('a0')?.(), 'gone');
    assert.equal(shown.size, 12 + 4);
    // One that was there before has its name back.
    views = [viewOf(healthy(), 'a0')];
    clock.monotonic += 1_000;
    assert.equal(shown.get('a0')?.(), 'UP 12ms');
  });

  test('give a name that is free to who has none, without a change of any app', () => {
    let views = ['a', 'b', 'c', 'd', 'web'].map((name, at) => viewOf(healthy(), name, at));
    const { shown, clock } = registered(() => views);
    assert.equal(shown.get('other apps')?.(), 'UP 1');
    views = views.slice(1);
    clock.monotonic += 1_000;
    assert.equal(shown.get('other apps')?.(), 'UP 0');
    assert.equal(shown.get('web')?.(), 'UP 12ms');
  });

  test('number the instances of one app, and say when one is gone', () => {
    let views = [viewOf(healthy(), 'web', 3), { ...viewOf(healthy(), 'web', 4), instance: 1 }];
    const { shown } = registered(() => views);
    assert.deepEqual([...shown.keys()].slice(0, 2), ['web', 'web 1']);
    views = views.slice(0, 1);
    assert.equal(shown.get('web')?.(), 'UP 12ms');
    assert.equal(shown.get('web 1')?.(), 'gone');
  });

  test('keep an app that is called like a total apart from it', () => {
    const { shown } = registered(() => [viewOf(healthy(), 'restarts')]);
    assert.equal(shown.get('app restarts')?.(), 'UP 12ms');
    assert.equal(shown.get('restarts')?.(), 0);
  });
});
