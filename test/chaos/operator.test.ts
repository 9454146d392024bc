import assert from 'node:assert/strict';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { after, before, describe, test } from 'node:test';
import { createOsReader } from '../../src/os/create-reader.ts';
import { freePort, Pm2Sandbox, type App } from '../support/pm2-sandbox.ts';
import { until } from '../support/until.ts';

const SERVER = `
import { createServer } from 'node:http';
createServer((request, response) => response.end('answer')).listen(Number(process.env.PORT), '127.0.0.1');
`;

/** When the operator acts, counted from our call: before, at each stage of, and after the restart. */
const OFFSETS_MS = [0, 100, 300, 700, 1_200, 1_700];

describe('an operator who acts in the middle of our restart', () => {
  let sandbox: Pm2Sandbox;
  let script: string;

  before(async () => {
    sandbox = await Pm2Sandbox.create();
    script = join(sandbox.home, 'server.mjs');
    await writeFile(script, SERVER);
    await sandbox.startMonitor();
  });

  after(() => sandbox.destroy());

  /** An app that hangs, at the moment at which we begin to restart it. */
  async function atOurRestart(name: string): Promise<App & { port: number }> {
    const port = await freePort();
    const env_liveness = {
      http: 'http://127.0.0.1:${PORT}/',
      period: '300ms',
      fastPeriod: '200ms',
      timeout: '300ms',
    };
    const app = { name, script, port, env: { PORT: String(port) }, env_liveness };
    await sandbox.start(app);
    await sandbox.reaches(name, 'healthy');
    process.kill((await sandbox.app(name)).pid, 'SIGSTOP');
    await until(
      'we restart it',
      async () => (await sandbox.output('pm2-liveness')).includes(`${name}: failing 3/3`),
      { everyMs: 10 },
    );
    return app;
  }

  async function listening(port: number): Promise<number> {
    return (await createOsReader().listeners(port))?.length ?? -1;
  }

  for (const offset of OFFSETS_MS) {
    test(`pm2 stop ${offset} ms into it ends stopped`, async () => {
      const name = `stop-${offset}`;
      const { port } = await atOurRestart(name);
      await sleep(offset);
      await sandbox.pm2('stop', name);
      await sandbox.reaches(name, 'paused');
      // What is still under way of our restart has ended by then.
      await sleep(3_000);
      assert.equal((await sandbox.app(name)).pm2_env.status, 'stopped');
      assert.equal(await listening(port), 0);
      await sandbox.pm2('delete', name);
    });

    test(`pm2 delete ${offset} ms into it ends gone, with the port free`, async () => {
      const name = `delete-${offset}`;
      const { port } = await atOurRestart(name);
      await sleep(offset);
      await sandbox.pm2('delete', name);
      await until('the port is free', async () => (await listening(port)) === 0);
      await sleep(3_000);
      assert.equal(await listening(port), 0);
      assert.ok((await sandbox.list()).every((entry) => entry.name !== name));
    });
  }
});
