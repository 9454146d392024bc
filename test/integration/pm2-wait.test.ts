import assert from 'node:assert/strict';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { freePort, Pm2Sandbox, type App } from '../support/pm2-sandbox.ts';
import { until } from '../support/until.ts';

const SOURCE = `
import { createServer } from 'node:http';
const { PORT, IS_DEAF } = process.env;
if (IS_DEAF) process.on('SIGINT', () => {});
createServer((_, response) => response.end('answer')).listen(Number(PORT), '127.0.0.1');
`;

describe('what PM2 waits for', () => {
  let sandbox: Pm2Sandbox;

  before(async () => {
    sandbox = await Pm2Sandbox.create();
    await writeFile(join(sandbox.home, 'app.mjs'), SOURCE);
    await sandbox.startMonitor();
  });

  after(() => sandbox.destroy());

  async function app(name: string, fields: Readonly<Record<string, unknown>>): Promise<App> {
    const env = { PORT: String(await freePort()), ...(name === 'deaf' && { IS_DEAF: '1' }) };
    const fast = { period: '500ms', fastPeriod: '300ms', startupPeriod: '200ms' };
    const env_liveness = { http: 'http://127.0.0.1:${PORT}/', ...fast };
    return { name, script: join(sandbox.home, 'app.mjs'), env, env_liveness, ...fields };
  }

  /** The sentence of an app, once it is as wanted. */
  function says(name: string, wanted: RegExp, withinMs = 40_000): Promise<string> {
    return until(
      `${name} says ${wanted}`,
      async () => {
        const { summary } = await sandbox.target(name);
        if (wanted.test(summary)) return summary;
        throw new Error(summary);
      },
      { withinMs },
    );
  }

  test('an app that does not exit has its own kill_timeout, in status and log', async () => {
    await sandbox.start(await app('deaf', { kill_timeout: 25_000 }));
    await sandbox.reaches('deaf', 'healthy');
    const stopped = sandbox.pm2('stop', 'deaf');
    const wanted =
      /^starting: not up, PM2 has been stopping it for [\d.]+s, and sends SIGKILL after its kill_timeout \(25s\)$/;
    await says('deaf', wanted);
    await stopped;
    await says('deaf', /^paused: stopped in PM2$/);
    const log = await sandbox.output('pm2-liveness');
    assert.equal(log.match(/deaf: PM2 has been stopping it for [\d.]+s/g)?.length, 1);
  });

  test('a ready message that never comes is named, with what to do', async () => {
    const started = sandbox.start(await app('mute', { wait_ready: true, listen_timeout: 20_000 }));
    await says(
      'mute',
      /^healthy \(answered 200\); PM2 waits 20s \(listen_timeout\) for its ready message: call process\.send\('ready'\) when it listens, or remove wait_ready$/,
    );
    await started;
    await says(
      'mute',
      /^healthy \(answered 200\); wait_ready: the app never sent 'ready', PM2 waited 20s \(listen_timeout\) and then called it online: call process\.send\('ready'\) when it listens, or remove wait_ready$/,
    );
  });

  test('what the operator stopped says that cron starts it, and cron does', async () => {
    await sandbox.start(await app('nightly', { cron_restart: '*/30 * * * * *' }));
    await sandbox.reaches('nightly', 'healthy');
    // Not right before cron's time.
    await until('there is time', async () => new Date().getSeconds() % 30 < 15, {
      withinMs: 20_000,
    });
    await sandbox.pm2('stop', 'nightly');
    await says(
      'nightly',
      /^paused: stopped in PM2; PM2 starts it at its cron_restart \(\*\/30 \* \* \* \* \*\)$/,
    );
    const { next } = await sandbox.target('nightly');
    assert.match(next.what, /until its cron_restart/);
    await sandbox.reaches('nightly', 'healthy', 60_000);
    const log = await sandbox.output('pm2-liveness');
    assert.doesNotMatch(log, /nightly: .*operator/);
  });
});
