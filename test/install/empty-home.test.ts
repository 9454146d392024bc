import assert from 'node:assert/strict';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { MODULE, ModuleHome } from '../support/module-home.ts';
import { isAlive } from '../support/pm2-sandbox.ts';
import { smallServer } from '../support/small-server.ts';
import { holds, until } from '../support/until.ts';

const root = new URL('../..', import.meta.url).pathname;

/** An ecosystem-file copy of the monitor, beside the installed one. */
const COPY = 'liveness-copy';

describe(
  'the module in an empty PM2_HOME, and a copy of an ecosystem file beside it',
  { skip: process.platform !== 'linux' },
  () => {
    let home: ModuleHome;

    before(async () => {
      home = await ModuleHome.create();
    });

    after(() => home.destroy());

    /** Hangs web for good; it must be restarted, and exactly once. */
    async function hangsOnce(): Promise<void> {
      const { sandbox } = home;
      const { pid, pm2_env: before } = await sandbox.app('web');
      process.kill(pid, 'SIGSTOP');
      await until('web is restarted', async () => {
        return (await sandbox.app('web')).pm2_env.restart_time > before.restart_time;
      });
      await sandbox.reaches('web', 'healthy');
      await holds('it is restarted once', 2_000, async () => {
        return (await sandbox.app('web')).pm2_env.restart_time === before.restart_time + 1;
      });
    }

    /** Waits until one of the two leads and the other stands by; the name of the leader. */
    async function roles(): Promise<string> {
      const { sandbox } = home;
      return until('one leads and the other stands by', async () => {
        const leader = (await sandbox.status())?.monitor.pid;
        const monitors = (await sandbox.list()).filter(({ name }) => [MODULE, COPY].includes(name));
        const isOnline = monitors.every(({ pm2_env: { status } }) => status === 'online');
        const other = monitors.find(({ pid }) => pid !== leader);
        const isStandby = other?.pm2_env.axm_monitor['monitor']?.value === 'STANDBY';
        return monitors.length === 2 && isOnline && isStandby
          ? monitors.find(({ pid }) => pid === leader)?.name
          : null;
      });
    }

    test('it starts under its own name, once, and without any warning', async () => {
      const { sandbox } = home;
      assert.equal(await sandbox.daemon(), 0, 'not even a daemon runs');
      await home.install();
      const { pid, pm2_env: env } = await home.module();
      assert.equal(env.status, 'online');
      assert.equal((await sandbox.list()).length, 1);
      await holds('it runs on', 3_000, async () => {
        const now = await home.module();
        return now.pid === pid && now.pm2_env.restart_time === 0;
      });
      const status = await sandbox.status();
      assert.equal(status?.monitor.pid, pid);
      assert.deepEqual([status.targets, status.misconfigured, status.problems], [[], [], []]);
      assert.match(await sandbox.output(MODULE), /^\S+Z pm2-liveness \S+ watches the apps .*\n$/);
    });

    test('npm installed what is needed at run time, and nothing else', () => {
      assert.deepEqual(home.registry.refused, []);
      for (const name of ['pm2', '@pm2/io', 'execa', 'zod', 'es-module-lexer']) {
        assert.ok(home.registry.asked.includes(name), `${name} of ${home.registry.asked.join()}`);
      }
    });

    test('a copy of the same name is the module to PM2: it is restarted, and stays one process', async () => {
      const { sandbox } = home;
      const before = await home.module();
      await sandbox.startMonitor();
      const after = await home.leads();
      assert.equal(after.pm_id, before.pm_id);
      assert.notEqual(after.pid, before.pid);
      assert.equal((await sandbox.list()).length, 1);
      assert.match(after.pm2_env.pm_exec_path, /modules.pm2-liveness.node_modules/);
    });

    test('of a copy of another name and the module one leads, and only it acts', async () => {
      const { sandbox } = home;
      await sandbox.start(await smallServer(sandbox, 'web'), {
        name: COPY,
        script: join(root, 'dist/main.js'),
        cwd: root,
        pmx: false,
      });
      assert.equal(await roles(), MODULE);
      await sandbox.reaches('web', 'healthy');
      await hangsOnce();
      assert.doesNotMatch(await sandbox.output(COPY), /web/);
    });

    test('kill -9 of the leader: one leads again, knows what was spent, and acts alone', async () => {
      const { sandbox } = home;
      const { pid } = await home.module();
      process.kill(pid, 'SIGKILL');
      await until('it is gone', () => !isAlive(pid));
      const leader = await roles();
      assert.ok([MODULE, COPY].includes(leader), leader);
      await sandbox.reaches('web', 'healthy');
      assert.equal((await sandbox.target('web')).restarts.used, 1);
      await hangsOnce();
      assert.equal((await sandbox.target('web')).restarts.used, 2);
    });

    test('pm2 uninstall takes the module alone: the copy leads, and was not restarted', async () => {
      const { sandbox } = home;
      const [module, copy] = [await home.module(), await sandbox.app(COPY)];
      await home.uninstall();
      await until('the module is gone', () => !isAlive(module.pid));
      await until('the copy leads', async () => (await sandbox.status())?.monitor.pid === copy.pid);
      await sandbox.reaches('web', 'healthy');
      assert.equal((await sandbox.target('web')).restarts.used, 2);
      assert.deepEqual((await sandbox.list()).map(({ name }) => name).sort(), [COPY, 'web']);
    });
  },
);
