import assert from 'node:assert/strict';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { Pm2Sandbox, type App } from '../support/pm2-sandbox.ts';
import { SwitchedServer } from '../support/switched-server.ts';
import { until } from '../support/until.ts';

/** Names that PM2's own commands read as an id, as all apps or as a file. */
const NAMES = ['1', '0', 'all', 'api.json', 'x.config.js'];

describe('an app is restarted with any name of it and its neighbours', () => {
  let sandbox: Pm2Sandbox;

  before(async () => {
    sandbox = await Pm2Sandbox.create();
    const apps: App[] = [];
    for (const [nth, name] of NAMES.entries()) {
      const { app } = await SwitchedServer.create(sandbox, `server-${nth}`);
      // The one with pm_id 1 has a namespace that reads like the id of the next.
      apps.push({ ...app, name, namespace: nth === 1 ? '2' : 'default' });
    }
    const file = join(sandbox.home, 'names.config.cjs');
    await writeFile(file, `module.exports = ${JSON.stringify({ apps })};\n`);
    assert.equal((await sandbox.pm2('start', file)).exitCode, 0);
    await sandbox.list();
    await sandbox.startMonitor();
    for (const name of NAMES) await sandbox.reaches(name, 'healthy');
  });

  after(() => sandbox.destroy());

  for (const [pmId, name] of NAMES.entries()) {
    test(`${name}, pm_id ${pmId}`, async () => {
      const before = await sandbox.list();
      const hung = before.find((entry) => entry.name === name) ?? assert.fail();
      assert.equal(hung.pm_id, pmId);
      process.kill(hung.pid, 'SIGSTOP');
      await until('it has a new process', async () => (await sandbox.app(name)).pid !== hung.pid, {
        withinMs: 30_000,
      });
      await sandbox.reaches(name, 'healthy');
      const others = (await sandbox.list()).filter((entry) => entry.name !== name);
      const pidsBefore = before.filter((entry) => entry.name !== name).map(({ pid }) => pid);
      assert.deepEqual(
        others.map(({ pid }) => pid),
        pidsBefore,
      );
      assert.equal((await sandbox.target(name)).restarts.total, 1);
    });
  }
});
