import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { Pm2Sandbox } from '../support/pm2-sandbox.ts';
import { SwitchedServer } from '../support/switched-server.ts';
import { until } from '../support/until.ts';

/** Names that PM2's own commands take for an id, for all apps, for a file or for an expression. */
const NAMES = ['1', '0', 'all', 'api.json', 'x.config.js', '/web/'];

describe('an app is restarted whatever it and its neighbours are called', () => {
  let sandbox: Pm2Sandbox;

  before(async () => {
    sandbox = await Pm2Sandbox.create();
    for (const [nth, name] of NAMES.entries()) {
      // oxlint-disable-next-line no-await-in-loop -- their pm_ids are to follow the list
      const { app } = await SwitchedServer.create(sandbox, `server-${nth}`);
      // The one with pm_id 1 has a namespace that reads like the id of the next.
      const namespace = nth === 1 ? '2' : 'default';
      // oxlint-disable-next-line no-await-in-loop -- as above
      await sandbox.start({ ...app, name, namespace });
    }
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
