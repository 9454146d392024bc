import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { readFile, symlink, unlink } from 'node:fs/promises';
import { join } from 'node:path';
import { after, afterEach, before, describe, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { checkOut, type Checkout } from '../../bench/checkout.ts';
import { manifestIn } from '../support/installed-packages.ts';
import { MODULE, ModuleHome, pack } from '../support/module-home.ts';
import { Pm2Sandbox } from '../support/pm2-sandbox.ts';
import { smallServer } from '../support/small-server.ts';
import { until } from '../support/until.ts';

/** The revision that was version 0.1.0. */
const OLD = 'e7e0552';
const root = fileURLToPath(new URL('../..', import.meta.url));
const { version: NEW } = manifestIn(root);

function hasOld(): boolean {
  try {
    execFileSync('git', ['cat-file', '-e', `${OLD}^{commit}`], { cwd: root, stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
}

describe(
  'an upgrade from 0.1.0',
  { skip: hasOld() ? false : 'this copy has not the whole history' },
  () => {
    let old: Checkout;
    let sandbox: Pm2Sandbox;
    let destroy: () => Promise<void> = async () => undefined;

    before(async () => {
      old = await checkOut(OLD);
    });

    after(() => old.close());
    afterEach(() => destroy());

    /** Hangs web, and waits until it is fixed. */
    async function hang(): Promise<void> {
      const { pid } = await sandbox.app('web');
      process.kill(pid, 'SIGSTOP');
      await until('web has a new process', async () => (await sandbox.app('web')).pid !== pid);
      await sandbox.reaches('web', 'healthy');
    }

    const journal = (): Promise<string> =>
      readFile(join(sandbox.home, 'pm2-liveness/incidents.jsonl'), 'utf8');

    /** What 0.1.0 did is known to the new version, which touched no app and acts from then on. */
    async function upgrades(upgrade: () => Promise<unknown>): Promise<void> {
      await hang();
      const { pid } = await sandbox.app('web');
      const written = await journal();
      assert.match(written, /"web"/);
      assert.equal((await sandbox.status())?.monitor.version, '0.1.0');
      await upgrade();
      await until(
        'the new version leads',
        async () => {
          const monitor = (await sandbox.status())?.monitor;
          return monitor?.version === NEW && monitor.state === 'active';
        },
        { withinMs: 60_000 },
      );
      const { restarts } = await sandbox.reaches('web', 'healthy');
      assert.equal(restarts.used, 1, 'the budget counts on');
      assert.equal((await sandbox.app('web')).pid, pid, 'the app was not touched');
      assert.ok((await journal()).startsWith(written), 'nothing of the journal is lost');
      await hang();
      assert.equal((await sandbox.target('web')).restarts.used, 2);
    }

    test('of the module, by pm2 install', async () => {
      const home = await ModuleHome.create();
      destroy = () => home.destroy();
      ({ sandbox } = home);
      await sandbox.start(await smallServer(sandbox, 'web'));
      await home.install(await pack(old.root.pathname, home.folder));
      await sandbox.reaches('web', 'healthy');
      await upgrades(async () => home.install(await pack(root, home.folder)));
    });

    test('of a monitor in an ecosystem file, by new files and pm2 restart', async () => {
      sandbox = await Pm2Sandbox.create();
      destroy = () => sandbox.destroy();
      // Stands for node_modules/pm2-liveness, which npm replaces.
      const current = join(sandbox.home, 'current');
      await symlink(old.root.pathname, current);
      const script = join(current, 'dist/main.js');
      const more = { pmx: false, restart_delay: 2_000, kill_timeout: 5_000 };
      await sandbox.start(await smallServer(sandbox, 'web'), { name: MODULE, script, ...more });
      await sandbox.reaches('web', 'healthy');
      await upgrades(async () => {
        await unlink(current);
        await symlink(root, current);
        await sandbox.pm2('restart', MODULE);
      });
    });
  },
);
