import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { describe, test } from 'node:test';
import { readBlock } from '../../src/config/target-config.ts';
import { sentenceOf } from '../../src/report/sentence.ts';
import type { Pm2Wait } from '../../src/target/observation.ts';
import { unknownUptime } from '../../src/uptime/figures.ts';
import type { State } from '../../src/verdict/state.ts';
import { Driver, fail, OK, policyOf, UNKNOWN } from '../support/verdict-driver.ts';

const text = readFileSync(new URL('../../docs/WHY.md', import.meta.url), 'utf8');
const read = readBlock({ http: 'http://127.0.0.1:3000/' }, {});
assert.ok(read.ok);
const { config } = read;
const REFUSED = { ...fail('refused'), detail: 'connect ECONNREFUSED 127.0.0.1:5173' };
const SOURCE = { ...fail('source'), detail: 'src/App.tsx:12:3 Unexpected token' };

const PENDING = {
  kind: 'unknown',
  cause: 'pending',
  detail: 'it answers, and the deep check is still running',
} as const;

const healthy = (policy = policyOf()): Driver => new Driver(policy).comesOnline(1e6).answers(OK);
const failed = (driver: Driver): Driver => driver.answers(REFUSED, REFUSED, REFUSED);

/** A target that may not be restarted before 20 s are over. */
function waitsForSlot(): Driver {
  const driver = healthy();
  driver.slotFreeAt = driver.now + 20_000;
  return driver;
}

/** A dev server that the deep check found broken, and that was restarted since. */
function awaitsDeepCheck(): Driver {
  return healthy()
    .hears({ ...SOURCE, isDeep: true })
    .comesOnline();
}

const LOST =
  'react.js and 4 more answered 504 for 120 s: Vite has lost its optimised dependencies (.vite was removed)';

const RENEWED =
  'TLS: the certificate expired on 2026-11-24; `certFile` /srv/web/cert.pem has a newer one, valid until 2027-02-22, which a restart makes the app read';

const EXPIRED =
  'TLS: the certificate expired on 2026-11-24: renew it, and restart the app if it does not read the new one by itself';

const GONE = '/srv/web/node_modules is gone; install the packages again in /srv/web';

/** A target on whose files somebody is at work. */
function deployed(reason: string): Driver {
  const driver = healthy();
  driver.deploy = { reason, isCertain: false };
  return driver;
}

/** What `describe` prints for a target that a driver has brought somewhere. */
function sentence({ policy, verdict, now }: Driver, pm2Wait?: Pm2Wait, leftMs?: number): string {
  return sentenceOf({
    name: 'web',
    pmId: 0,
    pid: 4711,
    instance: 0,
    config: { ...config, policy },
    verdict,
    last: { ...(verdict.memory.needsDeep ? PENDING : OK), at: now, durationMs: 1 },
    restartsTotal: 0,
    uptime: unknownUptime(0),
    errorLog: null,
    ...(pm2Wait && { pm2Wait }),
    ...(leftMs !== undefined && { certificate: { notAfter: Date.UTC(2026, 11, 3), leftMs } }),
  });
}

/** A sentence without its numbers. */
const gist = (each: string): string => each.replace(/\d+(?:\.\d+)?(?:ms|s|m|h)?/g, '#');

/** Every sentence in backticks in a row of a table, with numbers replaced. */
const rows = new Set(
  [...text.matchAll(/^\| .*$/gm)]
    .flatMap(([row]) => [...row.matchAll(/`` (.+?) ``|`([^`|]+)`/g)])
    .map(([, quoted, plain = '']) => gist(quoted ?? plain)),
);

const limited = policyOf({ restarts: { limit: 1 } });

/** A healthy app that restarts a process of its own. */
function restartsItself(by: 'birth' | 'end'): Driver {
  const driver = healthy();
  driver.ownStart = { by, pid: 4711, at: driver.now, isSaved: false };
  return driver.answers(REFUSED);
}

/** An app that PM2 restarts every few seconds, just started again. */
function restless(): Driver {
  const driver = healthy();
  const crash = 'crashed after 4s, exit code 1: Error: boom';
  for (let nth = 0; nth < 6; nth += 1) {
    driver.after(5_000).process('transit').comesOnline();
    const at = driver.now;
    driver.apply({ type: 'restarted', at, cause: 'crash', detail: crash, count: 1 });
  }
  return driver;
}

const WAITS =
  "the app has ended, and nodemon (pid 4711) waits until a file is saved: app.mjs:3 SyntaxError: Unexpected token ';'";

/** One driver for every kind of sentence that the first table, played for real, does not have. */
const KINDS: readonly (readonly [string, State['name'], () => Driver])[] = [
  ['restarts its own process', 'starting', () => restartsItself('birth')],
  ['has lost its own process', 'starting', () => restartsItself('end')],
  ['waits for a file', 'degraded', () => healthy().answers({ ...SOURCE, detail: WAITS })],
  ['awaits a deep check', 'starting', awaitsDeepCheck],
  [
    'does not compile',
    'degraded',
    () => healthy().answers({ ...SOURCE, detail: 'app/page.jsx:2:36 Expression expected' }),
  ],
  [
    'has lost its dependencies',
    'failing',
    () => healthy().answers({ ...fail('signature'), detail: LOST }),
  ],
  [
    'has a newer certificate on disk',
    'failing',
    () => healthy().answers({ ...fail('certificate'), detail: RENEWED }),
  ],
  [
    'has an expired certificate',
    'degraded',
    () => healthy().answers({ ...fail('misconfig'), detail: EXPIRED }),
  ],
  ['flaps', 'healthy', () => healthy().answers(REFUSED, OK, REFUSED, OK, REFUSED, OK)],
  ['flaps', 'failing', () => healthy().answers(REFUSED, OK, REFUSED, OK, REFUSED)],
  [
    'broken source more often than a person breaks it',
    'healthy',
    () => healthy().answers(...Array.from({ length: 6 }, () => [SOURCE, OK]).flat()),
  ],
  ['PM2 restarts it', 'healthy', () => restless().answers(OK)],
  ['PM2 restarts it', 'starting', () => restless()],
  ['the check gives no result', 'unknown', () => healthy().answers(UNKNOWN, UNKNOWN, UNKNOWN)],
  ['no answer yet', 'starting', () => new Driver().comesOnline()],
  ['not healthy yet', 'starting', () => new Driver().comesOnline().answers(REFUSED)],
  ['PM2 at work', 'starting', () => healthy().process('transit')],
  ['failing', 'failing', () => healthy().answers(REFUSED)],
  ['restarting', 'restarting', () => failed(healthy())],
  ['backoff', 'backoff', () => failed(waitsForSlot())],
  ['budget spent', 'open', () => failed(failed(healthy(limited)).restarted().answers(OK))],
  [
    'held by a dependency',
    'failing',
    () => {
      const hold = { reason: 'db is down', isDown: true };
      return failed(healthy().apply({ type: 'dependency', at: 0, hold }));
    },
  ],
  ['deleted', 'paused', () => healthy().process('gone')],
  ['unwatched', 'paused', () => healthy().process('unwatched')],
  [
    'an installer at work',
    'backoff',
    () => failed(deployed('npm ci (pid 8) is at work in /srv/web')),
  ],
  [
    'an installer at work while the monitor is unfit',
    'unknown',
    () => {
      const driver = failed(deployed('npm ci (pid 8) is at work in /srv/web'));
      return driver.apply({ type: 'fitness', at: driver.now, unfit: 'PM2 does not answer' });
    },
  ],
  ['no packages', 'open', () => deployed(GONE).process('errored').tick()],
  ['saved', 'open', () => healthy().process('errored').saved('vite.config.ts was saved')],
];

const READY: Pm2Wait = { type: 'ready', listenTimeoutMs: 15_000 };

/** PM2 has been stopping an app with a `kill_timeout` of 20 s for `ms`. */
function stops(ms: number): [Driver, Pm2Wait] {
  const driver = healthy().process('transit');
  const since = driver.now - ms;
  return [driver, { type: 'stopping', since, killTimeoutMs: 20_000, overdueAt: since + 22_000 }];
}

/** An app that PM2 waits for, with the answers that it gives after a while. */
function launches(...answers: (typeof OK | typeof REFUSED)[]): Driver {
  return new Driver()
    .launches()
    .after(100_000)
    .answers(...answers);
}

/** One for every sentence that names what PM2 waits for. */
const WAITING: readonly (readonly [string, () => [Driver, Pm2Wait]])[] = [
  ['a stop that takes long', () => stops(3_000)],
  ['a stop that SIGKILL does not end', () => stops(25_000)],
  ['an app that answers and sends no ready message', () => [launches(OK), READY]],
  [
    'an app that sends no ready message and fails',
    () => [launches(REFUSED, REFUSED, REFUSED), READY],
  ],
  [
    'a stopped app that cron starts',
    () => [healthy().process('stopped'), { type: 'cron', pattern: '0 3 * * *' }],
  ],
];

describe('docs/WHY.md', () => {
  for (const days of [6.5, -3.5]) {
    test(`has the sentence of a certificate that has ${days} days`, () => {
      const said = sentence(healthy(), undefined, days * 86_400_000);
      assert.ok(rows.has(gist(said)), `no row says: ${said}`);
    });
  }

  for (const [kind, play] of WAITING) {
    test(`has the sentence of ${kind}`, () => {
      const said = sentence(...play());
      assert.ok(rows.has(gist(said)), `no row says: ${said}`);
    });
  }

  for (const [kind, state, play] of KINDS) {
    test(`has the sentence of ${kind} (${state})`, () => {
      const driver = play();
      assert.equal(driver.state, state);
      const wanted = gist(sentence(driver));
      assert.ok(rows.has(wanted), `no row says: ${sentence(driver)}`);
    });
  }
});
