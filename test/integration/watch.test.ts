import assert from 'node:assert/strict';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { freePorts } from '../support/free-ports.ts';
import { Pm2Sandbox, type Ran } from '../support/pm2-sandbox.ts';
import { until } from '../support/until.ts';

const root = new URL('../..', import.meta.url).pathname;
const PROGRAM = join(root, 'dist/cli/main.js');
/** The monitor that `watch --yes` starts takes these over. */
const QUICK = { LIVENESS_PERIOD: '1s', LIVENESS_TIMEOUT: '1s', LIVENESS_STARTUP_PERIOD: '500ms' };

const HTTP = `require('node:http').createServer((_, answer) => {
  answer.writeHead(404);
  answer.end('nothing here');
}).listen(Number(process.argv[2]), '127.0.0.1');`;
// A server that speaks something else, and can stop listening without ending.
const OTHER = `const server = require('node:net').createServer((socket) => {
  socket.on('error', () => undefined);
  socket.once('data', () => socket.end('-ERR\\r\\n'));
}).listen(Number(process.argv[2]), '127.0.0.1');
process.on('SIGUSR2', () => server.close());
setInterval(() => undefined, 1000);`;

describe('apps that were started by hand', () => {
  let pm2: Pm2Sandbox;

  before(async () => {
    pm2 = await Pm2Sandbox.create({ env: QUICK });
    const web = await freePorts(3);
    const [all, other] = [web + 1, web + 2];
    await writeFile(join(pm2.home, 'web.cjs'), HTTP);
    await writeFile(join(pm2.home, 'other.cjs'), OTHER);
    const vite = join(root, 'node_modules/vite/bin/vite.js');
    await writeFile(join(pm2.home, 'index.html'), '<p>a page</p>');
    await pm2.pm2In(pm2.home, ['start', 'web.cjs', '--name', 'all', '--', String(all)]);
    await pm2.pm2In(pm2.home, ['start', 'other.cjs', '--name', '5', '--', String(other)]);
    const args = ['--port', String(web), '--strictPort', '--host', '127.0.0.1'];
    await pm2.pm2In(pm2.home, ['start', vite, '--name', 'x.json', '--', ...args]);
    await pm2.list();
  });

  after(() => pm2.destroy());

  const run = (...words: string[]): Promise<Ran> => pm2.run(process.execPath, [PROGRAM, ...words]);

  /** What PM2 has of the apps, without the monitor: pid, start, restarts, arguments, environment. */
  async function entries(): Promise<unknown> {
    return (await pm2.list())
      .filter(({ name }) => name !== 'pm2-liveness')
      .map(({ name, pid, pm2_env: entry }) => {
        const { axm_monitor: ignored, ...env } = entry as unknown as Record<string, unknown>;
        const { pm_uptime, restart_time, args, pm_exec_path, status, PORT } = env;
        const own = env['env'];
        return {
          name,
          pid,
          pm_uptime,
          restart_time,
          args,
          pm_exec_path,
          status,
          PORT,
          own,
          ignored: typeof ignored,
        };
      });
  }

  /** Sends a signal to the app, and waits until it is another process that answers. */
  async function isRestarted(name: string, signal: 'SIGSTOP' | 'SIGUSR2'): Promise<void> {
    const { pid } = await pm2.app(name);
    process.kill(pid, signal);
    await until(
      `${name} is restarted`,
      async () => {
        const now = await pm2.app(name);
        return now.pid !== pid && (await pm2.target(name)).state === 'healthy';
      },
      { withinMs: 60_000, everyMs: 300 },
    );
  }

  test('are only shown where nobody can be asked', async () => {
    const before = await entries();
    const { exitCode, text } = await run('watch');
    assert.equal(exitCode, 1, text);
    assert.match(text, /^all: http http:\/\/\S+:\d+\/, any status is alive$/m);
    assert.match(text, /^5: tcp \S+:\d+$/m);
    assert.match(text, /a hung app still passes/);
    assert.match(text, /^x\.json: vite http:\/\/\S+\/$/m);
    assert.match(text, /Nothing is written: there is no terminal to ask on; add --yes\./);
    assert.deepEqual(await entries(), before);
  });

  test('are watched on one word, and nothing about them changes', async () => {
    const before = await entries();
    const { exitCode, text } = await run('watch', '--yes');
    assert.equal(exitCode, 0, text);
    assert.match(text, /The monitor is started\./);
    for (const name of ['all', '5', 'x.json']) await pm2.reaches(name, 'healthy');
    assert.deepEqual(await entries(), before);
    const again = await run('watch', '--json');
    assert.deepEqual(JSON.parse(again.out), { schemaVersion: 1, apps: [], isMonitorRunning: true });
  });

  test('are restarted when they hang or close their port, also after a resurrect', async () => {
    await isRestarted('all', 'SIGSTOP');
    await isRestarted('x.json', 'SIGSTOP');
    await isRestarted('5', 'SIGUSR2');
    await pm2.pm2('save');
    await pm2.pm2('kill');
    await pm2.pm2('resurrect');
    await until('the monitor answers', async () => pm2.status(), { withinMs: 30_000 });
    for (const name of ['all', '5', 'x.json']) await pm2.reaches(name, 'healthy', 60_000);
    await isRestarted('all', 'SIGSTOP');
    await isRestarted('5', 'SIGUSR2');
  });

  test('are refused a probe that they do not answer, and a wrong name', async () => {
    const nearly = await run('watch', 'x.jsn');
    assert.deepEqual(
      [nearly.exitCode, nearly.text],
      [2, "PM2 has no app 'x.jsn' (did you mean 'x.json'?)"],
    );
    const refused = await run('watch', 'all', 'http://127.0.0.1:1/', '--yes');
    assert.equal(refused.exitCode, 1, refused.text);
    assert.match(refused.text, /all would be restarted for it: .*ECONNREFUSED/);
    const bad = await run('watch', 'all', '{http:1}');
    assert.equal(bad.exitCode, 2);
    assert.match(bad.text, /not valid JSON/);
  });

  test('are named where nobody watches them any more, and run on', async () => {
    const before = await entries();
    const { exitCode, text } = await run('unwatch', 'all');
    assert.equal(exitCode, 0, text);
    assert.equal(
      text,
      'all is out of watched.json, and no longer watched; the app itself runs on.',
    );
    await until('the monitor names it', async () =>
      (await pm2.status())?.unwatched?.includes('all'),
    );
    assert.match((await run('status')).text, /^not watched: all \(npx pm2-liveness watch\)$/m);
    assert.match((await run('doctor')).text, /unwatched\s+nobody watches all/);
    assert.match(
      (await run('describe', 'all')).text,
      /'all' is not watched; `pm2-liveness watch all`/,
    );
    assert.deepEqual(await entries(), before);
    assert.match(
      (await pm2.linesAbout('all')).join('\n'),
      /no longer watched: no block is in force/,
    );
  });
});
