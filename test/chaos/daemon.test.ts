import assert from 'node:assert/strict';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { createOsReader } from '../../src/os/create-reader.ts';
import { freePort, Pm2Sandbox, type App } from '../support/pm2-sandbox.ts';
import { until } from '../support/until.ts';
import { statusOf } from '../support/vite-app.ts';

const SERVER = `
import { createServer } from 'node:http';
createServer((request, response) => response.end('answer')).listen(Number(process.env.PORT), '127.0.0.1');
`;

describe('PM2 itself killed and resurrected', () => {
  let sandbox: Pm2Sandbox;
  const ports: number[] = [];

  before(async () => {
    sandbox = await Pm2Sandbox.create();
    const script = join(sandbox.home, 'server.mjs');
    await writeFile(script, SERVER);
    const block = { http: 'http://127.0.0.1:${PORT}/', period: '1s', timeout: '1s' };
    for (const name of ['one', 'two']) {
      const port = await freePort();
      ports.push(port);
      // Without PM2's own probe inside it survives the daemon, as any other program does.
      const app: App = {
        name,
        script,
        pmx: false,
        env: { PORT: String(port) },
        env_liveness: block,
      };
      await sandbox.start(app);
    }
    await sandbox.startMonitor();
    await sandbox.reaches('one', 'healthy');
    await sandbox.reaches('two', 'healthy');
    await sandbox.pm2('save');
  });

  after(() => sandbox.destroy());

  test('both apps are back under PM2 within 20 s, and nothing is left over', async (t) => {
    const left = await Promise.all(
      ['one', 'two'].map(async (name) => (await sandbox.app(name)).pid),
    );
    const daemon = Number(await readFile(join(sandbox.home, 'pm2.pid'), 'utf8'));
    process.kill(daemon, 'SIGKILL');
    const killedAt = performance.now();
    await until(
      'the apps outlive it',
      async () => (await statusOf(`http://127.0.0.1:${ports[0]}/`, 500)) === 200,
    );
    const { exitCode, text } = await sandbox.pm2('resurrect');
    assert.equal(exitCode, 0, text);
    for (const name of ['one', 'two']) await sandbox.reaches(name, 'healthy', 30_000);
    const ms = performance.now() - killedAt;
    t.diagnostic(`healthy under PM2 after ${Math.round(ms)} ms`);
    assert.ok(ms < 20_000, `${ms} ms`);
    const births = await createOsReader().births(left);
    assert.deepEqual([...(births ?? [])], [], 'the left-overs are gone');
    for (const [index, name] of ['one', 'two'].entries()) {
      const listeners = await createOsReader().listeners(ports[index] ?? 0);
      const { pid } = await sandbox.app(name);
      assert.deepEqual(
        listeners?.flatMap((each) => each.pids ?? []),
        [pid],
      );
    }
  });
});
