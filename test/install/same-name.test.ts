import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { ModuleHome } from '../support/module-home.ts';
import { smallServer } from '../support/small-server.ts';

/** PM2 knows apps by their names: the one that was there is restarted in place of a second one. */
describe(
  'a monitor of an ecosystem file that has the name of the module',
  { skip: process.platform !== 'linux' },
  () => {
    let home: ModuleHome;

    before(async () => {
      home = await ModuleHome.create();
      await home.sandbox.start(await smallServer(home.sandbox, 'web'));
      await home.sandbox.startMonitor();
    });

    after(() => home.destroy());

    test('stays the only one when the module is installed, and takes the settings of pm2 set', async () => {
      const { sandbox } = home;
      const before = await home.module();
      await home.install();
      const after = await home.leads();
      assert.equal(after.pm2_env.pm_exec_path, before.pm2_env.pm_exec_path);
      assert.equal((await sandbox.list()).length, 2);
      await home.set('liveness_failure_threshold', '5');
      await sandbox.reaches('web', 'healthy');
      assert.equal((await sandbox.target('web')).threshold, 5);
    });

    test('is still the only one after pm2 update', async () => {
      const { exitCode, text } = await home.sandbox.pm2('update');
      assert.equal(exitCode, 0, text);
      await home.leads();
      assert.equal((await home.sandbox.list()).length, 2);
      await home.sandbox.reaches('web', 'healthy');
    });

    test('is no module, and so runs on where the module is uninstalled', async () => {
      const { pid } = await home.leads();
      await home.uninstall();
      assert.equal((await home.leads()).pid, pid);
      assert.equal((await home.sandbox.target('web')).state, 'healthy');
    });
  },
);
