import assert from 'node:assert/strict';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { after, before, describe, test } from 'node:test';
import { freePort, Pm2Sandbox, type App } from '../support/pm2-sandbox.ts';
import { holds, until } from '../support/until.ts';
import { statusOf } from '../support/vite-app.ts';

/** A server that starts after START_MS, and works without a pause for `/work/<ms>`. */
const SERVER = `
import { createServer } from 'node:http';
const server = createServer((request, response) => {
  response.end('answer');
  const work = /^.work.(\\d+)$/.exec(request.url);
  if (work) setTimeout(() => { const end = Date.now() + Number(work[1]); while (Date.now() < end); }, 10);
});
setTimeout(() => server.listen(Number(process.env.PORT), '127.0.0.1'), Number(process.env.START_MS ?? 0));
`;

describe('what looks like a failure and is none', () => {
  let sandbox: Pm2Sandbox;
  let script: string;

  before(async () => {
    sandbox = await Pm2Sandbox.create();
    script = join(sandbox.home, 'server.mjs');
    await writeFile(script, SERVER);
    await sandbox.startMonitor();
  });

  after(() => sandbox.destroy());

  async function server(
    name: string,
    env: Record<string, string> = {},
  ): Promise<App & { port: number }> {
    const port = await freePort();
    const env_liveness = {
      http: 'http://127.0.0.1:${PORT}/',
      period: '1s',
      timeout: '1s',
      busyGrace: '20s',
    };
    return { name, script, port, env: { PORT: String(port), ...env }, env_liveness };
  }

  /** True while the app has not been restarted by anybody. */
  async function isUntouched(name: string, pid: number): Promise<boolean> {
    const [app, target] = await Promise.all([sandbox.app(name), sandbox.target(name)]);
    return app.pid === pid && target.restarts.used === 0;
  }

  test('a stop (SIGSTOP) for less than the threshold', async () => {
    await sandbox.start(await server('short'));
    await sandbox.reaches('short', 'healthy');
    const { pid } = await sandbox.app('short');
    process.kill(pid, 'SIGSTOP');
    await sandbox.reaches('short', 'failing');
    process.kill(pid, 'SIGCONT');
    await sandbox.reaches('short', 'healthy');
    await holds('it is left alone', 4_000, () => isUntouched('short', pid));
    await sandbox.pm2('delete', 'short');
  });

  test('real work that keeps the event loop for longer than the threshold', async () => {
    const app = await server('working');
    await sandbox.start(app);
    await sandbox.reaches('working', 'healthy');
    const { pid } = await sandbox.app('working');
    await statusOf(`http://127.0.0.1:${app.port}/work/10000`, 1_000);
    await sandbox.reaches('working', 'failing');
    await sandbox.reaches('working', 'healthy');
    assert.ok(await isUntouched('working', pid));
    await sandbox.pm2('delete', 'working');
  });

  test('a start that takes its time', async () => {
    await sandbox.start(await server('slow', { START_MS: '8000' }));
    const { pid } = await sandbox.app('slow');
    await sandbox.reaches('slow', 'starting');
    await sandbox.reaches('slow', 'healthy');
    assert.ok(await isUntouched('slow', pid));
    await sandbox.pm2('delete', 'slow');
  });

  test('a crash loop in which PM2 waits between the starts is left to PM2', async () => {
    const crash = join(sandbox.home, 'crash.mjs');
    await writeFile(crash, 'process.exit(1);\n');
    const app = await server('looping');
    await sandbox.start({ ...app, script: crash, restart_delay: 3_000, max_restarts: 1_000 });
    await until(
      'PM2 waits',
      async () => (await sandbox.app('looping')).pm2_env.status === 'waiting restart',
    );
    await sleep(10_000);
    const { restarts, state } = await sandbox.target('looping');
    assert.equal(restarts.used, 0);
    assert.equal(state, 'starting');
    assert.ok(!(await sandbox.output('pm2-liveness')).includes('looping: failing'));
    await sandbox.pm2('delete', 'looping');
  });
});
