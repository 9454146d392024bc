import assert from 'node:assert/strict';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { after, describe, test } from 'node:test';
import { freePort, type Pm2Sandbox } from '../support/pm2-sandbox.ts';
import { Stage } from '../support/scenario.ts';
import { until } from '../support/until.ts';

const CLI = new URL('../../dist/cli/main.js', import.meta.url).pathname;

/** Answers well until a request makes it do something: `/<way>`. */
const SERVER = `
import { createServer } from 'node:http';
let status = 200;
let kept;
const ways = {
  '/throw': () => setTimeout(() => { throw new Error('no database at 10.0.0.7'); }, 10),
  '/exit': () => setTimeout(() => { console.error('FATAL: the disk is full'); process.exit(3); }, 10),
  '/grow': () => { kept = Buffer.alloc(300 * 1024 * 1024, 1); },
  '/bad': () => { status = 503; },
};
createServer((request, response) => {
  response.statusCode = status;
  response.end('answer', ways[request.url]);
}).listen(Number(process.env.PORT), '127.0.0.1');
`;

const FAST = { period: '500ms', fastPeriod: '300ms', startupPeriod: '200ms', failureThreshold: 2 };

/** What makes PM2 restart the app, and what is then said of it. */
const CAUSES: readonly (readonly [cause: string, detail: RegExp])[] = [
  ['crash', /^crashed after \S+, exit code 1: Error: no database at 10\.0\.0\.7$/],
  ['crash', /^crashed after \S+, exit code 3: FATAL: the disk is full$/],
  ['crash', /^ended after \S+ by SIGTERM$/],
  ['watch', /^PM2's watch saw changed\.js change$/],
  ['memory', /^it used \d{3} MB, its max_memory_restart is 200 MB$/],
  ['operator', /^pm2 restart, by a person or a program$/],
  ['operator', /^pm2 reload, by a person or a program$/],
  ['us', /^pm2-liveness restarted it \(status: .*503/],
];

describe('"why was it restarted?"', () => {
  const stage = new Stage();
  after(() => stage.end());

  test('is answered for each of its causes, by status, describe and events', async () => {
    // PM2 looks at the memory of its apps every 30 s.
    const sandbox = await stage.pm2({ env: { PM2_WORKER_INTERVAL: '2000' } });
    const folder = join(sandbox.home, 'shop');
    await mkdir(folder);
    const script = join(folder, 'server.mjs');
    await writeFile(script, SERVER);
    const port = await freePort();
    const ask = (path: string): Promise<unknown> => fetch(`http://127.0.0.1:${port}${path}`);
    await sandbox.start({
      name: 'shop',
      script,
      cwd: folder,
      watch: true,
      max_memory_restart: '200M',
      env: { PORT: String(port) },
      env_liveness: { http: `http://127.0.0.1:${port}/`, ...FAST },
    });
    const plays: readonly (() => Promise<unknown>)[] = [
      () => ask('/throw'),
      () => ask('/exit'),
      async () => process.kill((await sandbox.app('shop')).pid, 'SIGTERM'),
      () => writeFile(join(folder, 'changed.js'), ''),
      () => ask('/grow'),
      () => sandbox.pm2('restart', 'shop'),
      () => sandbox.pm2('reload', 'shop'),
      () => ask('/bad'),
    ];
    for (const [nth, play] of plays.entries()) {
      await sandbox.reaches('shop', 'healthy', 60_000);
      await play();
      await isKnown(sandbox, 'shop', nth);
    }
    await sandbox.reaches('shop', 'healthy', 60_000);
    const { pm2Restarts = [] } = await sandbox.target('shop');
    assert.equal(pm2Restarts.length, CAUSES.length);

    const said = await Promise.all(['describe', 'events'].map((word) => cli(sandbox, word)));
    for (const text of said) {
      for (const { detail } of pm2Restarts.filter(({ cause }) => cause !== 'us')) {
        assert.ok(text.includes(detail), `${detail}\n${text}`);
      }
      // Of its own restarts the journal, and so `events`, says more.
      assert.match(text, /pm2-liveness restarted it|restarted as pid/);
    }
  });

  test('is its cron_restart where that was due, which makes no app unstable', async () => {
    const sandbox = await stage.pm2();
    const script = join(sandbox.home, 'nightly.mjs');
    await writeFile(script, SERVER);
    const port = await freePort();
    await sandbox.start({
      name: 'nightly',
      script,
      cron_restart: '*/8 * * * * *',
      env: { PORT: String(port) },
      env_liveness: { http: `http://127.0.0.1:${port}/`, ...FAST },
    });
    const seen = await until(
      'five restarts by cron are known',
      async () => {
        const target = await sandbox.target('nightly');
        const { pm2Restarts = [] } = target;
        if (pm2Restarts.length >= 5) return { ...target, pm2Restarts };
        throw new Error(pm2Restarts.map(({ detail }) => detail).join('\n'));
      },
      { withinMs: 90_000, everyMs: 500 },
    );
    for (const { cause, detail } of seen.pm2Restarts) {
      assert.deepEqual([cause, detail], ['cron', "cron_restart '*/8 * * * * *' was due"]);
    }
    assert.equal(seen.incident, null);
    assert.equal(seen.restarts.total, 0);
  });
});

/** Waits until the monitor knows the cause of the nth restart. */
async function isKnown(sandbox: Pm2Sandbox, name: string, nth: number): Promise<void> {
  const [wanted, text] = CAUSES[nth] ?? assert.fail(`no cause ${nth}`);
  await until(
    `restart ${nth} is ${text}`,
    async () => {
      const { pm2Restarts = [], summary } = await sandbox.target(name);
      const { cause, detail = '' } = pm2Restarts[nth] ?? {};
      if (cause === wanted && text.test(detail)) return true;
      throw new Error(`${cause}: ${detail} (${summary})`);
    },
    { withinMs: 40_000, everyMs: 200 },
  );
}

async function cli(sandbox: Pm2Sandbox, word: string): Promise<string> {
  const { exitCode, text } = await sandbox.run(process.execPath, [CLI, word, 'shop']);
  assert.equal(exitCode, 0, text);
  return text.replaceAll(/\s+/g, ' ');
}
