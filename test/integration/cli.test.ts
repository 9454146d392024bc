import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { freePort, Pm2Sandbox, type Ran } from '../support/pm2-sandbox.ts';
import { statusOf } from '../support/vite-app.ts';

describe('npm start, npm run status, npm stop', () => {
  let sandbox: Pm2Sandbox;
  let port: number;

  before(async () => {
    [sandbox, port] = await Promise.all([Pm2Sandbox.create(), freePort()]);
  });

  after(() => sandbox.destroy());

  async function npm(script: string, env: Record<string, string> = {}): Promise<Ran> {
    // The program brings PM2 7 with it; another daemon is one that the user has running already.
    if (script === 'start' && sandbox.major !== '7') await sandbox.pm2('ping');
    return sandbox.run('npm', ['run', '--silent', script], { APP_PORT: String(port), ...env });
  }

  test('without a monitor, status says so, exits with 3, and starts no daemon', async () => {
    const { exitCode, text } = await npm('status');
    assert.equal(exitCode, 3);
    assert.match(text, /no PM2 daemon answers at /);
    assert.ok(!existsSync(join(sandbox.home, 'pm2.pid')));
  });

  for (const [name, value, wanted] of [
    ['APP_PORT', '99999', /APP_PORT: got '99999'; write a port from 1 to 65535/],
    ['HEALTH_PERIOD', '5', /HEALTH_PERIOD: got '5'; write '5s' or '5ms'/],
  ] as const) {
    test(`${name}=${value} stops the start with one clear error`, async () => {
      const { exitCode, text } = await npm('start', { [name]: value });
      assert.equal(exitCode, 2);
      assert.match(text, wanted);
      assert.ok(!/^\s+at /m.test(text), text);
    });
  }

  test('start ends with both apps online and the page healthy, and says where and what next', async () => {
    const { exitCode, text } = await npm('start');
    assert.equal(exitCode, 0, text);
    assert.match(text, new RegExp(`web +healthy .*http://127.0.0.1:${port}/`));
    assert.match(text, /npx pm2 monit/);
    assert.equal(await statusOf(`http://127.0.0.1:${port}/`, 2_000), 200);
    const list = await sandbox.list();
    assert.deepEqual(
      list.map(({ name, pm2_env: env }) => [name, env.status]),
      [
        ['web', 'online'],
        ['pm2-liveness', 'online'],
      ],
    );
  });

  test('start shows what to type before a reboot, and nothing once that is done', async () => {
    const before = await npm('start');
    assert.match(before.text, /^Not ready for a reboot: .*dump\.pm2 does not exist\. Run once:$/m);
    const save =
      /^ {2}(PM2_HOME=\S+ \S+ save)$/m.exec(before.text)?.[1] ?? assert.fail(before.text);
    assert.equal((await sandbox.run('sh', ['-c', save])).exitCode, 0);
    const { exitCode, text } = await npm('start');
    assert.equal(exitCode, 0, text);
    assert.doesNotMatch(text, /dump\.pm2| save$/m);
  });

  test('status says how it is, and exits with 0', async () => {
    const { exitCode, text } = await npm('status');
    assert.equal(exitCode, 0, text);
    assert.match(text, /web +healthy/);
  });

  test('status exits with 1 when an app is not well', async () => {
    await sandbox.pm2('stop', 'web');
    await sandbox.reaches('web', 'paused');
    const { exitCode, text } = await npm('status');
    assert.equal(exitCode, 1);
    assert.match(text, /paused: stopped in PM2/);
  });

  test('stop takes both apps out of PM2, and a second time is no error', async () => {
    assert.equal((await npm('stop')).exitCode, 0);
    assert.deepEqual(await sandbox.list(), []);
    assert.equal(await statusOf(`http://127.0.0.1:${port}/`, 1_000), 0);
    assert.equal((await npm('stop')).exitCode, 0);
  });

  test('an unknown command and an unknown argument exit with 2', async () => {
    const program = join(import.meta.dirname, '../../dist/cli/main.js');
    const unknown = await sandbox.run(process.execPath, [program, 'strat']);
    assert.equal(unknown.exitCode, 2);
    assert.match(unknown.text, /unknown command 'strat'/);
    assert.equal((await sandbox.run(process.execPath, [program, 'status', '--jsn'])).exitCode, 2);
    const help = await sandbox.run(process.execPath, [program, '--help']);
    assert.equal(help.exitCode, 0);
    assert.match(help.out, /Usage/);
  });
});
