import assert from 'node:assert/strict';
import { chmod, mkdir, mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, test } from 'node:test';
import { isUninstalled } from '../../src/pm2/own-package.ts';
import { ownPackageOf, watchOwnPackage } from '../../src/pm2/own-package-watch.ts';
import { countSavedMonitors, forgetSavedMonitors } from '../../src/pm2/saved-list.ts';
import { systemClock, type Clock } from '../../src/time/clock.ts';
import { managed } from '../support/fake-pm2.ts';

describe('a package that was uninstalled', () => {
  let dir = '';
  let program = '';
  beforeEach(async () => {
    dir = await mkdtemp(join(tmpdir(), 'pl-own-'));
    program = join(dir, 'node_modules/pm2-liveness/dist/main.js');
  });
  afterEach(() => rm(dir, { recursive: true, force: true }));

  const manifest = (content: object): Promise<void> =>
    writeFile(join(dir, 'package.json'), JSON.stringify(content));

  test('is gone, and its project does not list it', async () => {
    await manifest({ dependencies: { vite: '8' } });
    assert.equal(await isUninstalled(program), true);
  });

  test('is gone with its project, or was installed for all', async () => {
    assert.equal(await isUninstalled(program), true);
    assert.equal(await isUninstalled(join(dir, 'gone/node_modules/pm2-liveness/x.js')), true);
  });

  test('is not one that is there', async () => {
    await mkdir(dirname(program), { recursive: true });
    await writeFile(program, '');
    assert.equal(await isUninstalled(program), false);
  });

  test('is not one that an installer brings back, of any kind of dependency', async () => {
    for (const key of ['dependencies', 'devDependencies', 'optionalDependencies']) {
      await manifest({ [key]: { 'pm2-liveness': 'file:x.tgz' } });
      assert.equal(await isUninstalled(program), false, key);
    }
    // A store of pnpm, whose folder changes with each version.
    const stored = 'node_modules/.pnpm/pm2-liveness@1.0.0/node_modules/pm2-liveness/dist/main.js';
    assert.equal(await isUninstalled(join(dir, stored)), false);
  });

  test('is not one that was never installed, and not one of a broken package.json', async () => {
    assert.equal(await isUninstalled(join(dir, 'dist/main.js')), false);
    await writeFile(join(dir, 'package.json'), '{');
    await assert.rejects(isUninstalled(program));
  });

  describe('leaves PM2', () => {
    /** A clock without waiting, which ends the watch after this many looks. */
    const clockFor = (looks: number, stop: AbortController): Clock => ({
      ...systemClock,
      async sleep() {
        if (looks-- === 0) stop.abort();
      },
    });

    const run = async (answers: readonly boolean[]): Promise<number> => {
      const stop = new AbortController();
      const left = [...answers];
      let removed = 0;
      const deps = {
        clock: clockFor(answers.length, stop),
        log: { line: () => undefined },
        isUninstalled: async () => left.shift() ?? false,
        removeSelf: async () => {
          removed += 1;
        },
      };
      await watchOwnPackage(deps, stop.signal);
      return removed;
    };

    test('at the third look in a row that shows it gone, and not during an upgrade', async () => {
      assert.equal(await run([true, true, true]), 1);
      assert.equal(await run([true, true, false, true, true]), 0);
    });

    test('with its entry and its saved one alone', async () => {
      const saved = [
        { name: 'web', pm_exec_path: '/srv/web.js' },
        { name: 'watcher', pm_exec_path: program },
        { name: 'pm2-liveness', pm_exec_path: '/other/main.js' },
      ];
      await writeFile(join(dir, 'dump.pm2'), JSON.stringify(saved));
      await chmod(join(dir, 'dump.pm2'), 0o640);
      await manifest({});
      const entry = managed({ name: 'watcher', pmId: 3, env: { pm_exec_path: program } });
      const deleted: number[] = [];
      const pm2 = {
        list: async () => [managed({ name: 'web', pmId: 1 }), entry],
        delete: async ({ pmId }: { readonly pmId: number }) => void deleted.push(pmId),
      };
      const own = ownPackageOf(pm2, { pmId: 3, pm2Home: dir });
      assert.equal(await own.isUninstalled(), true);
      await own.removeSelf();
      assert.deepEqual(deleted, [3]);
      const left = JSON.parse(await readFile(join(dir, 'dump.pm2'), 'utf8')) as unknown;
      assert.deepEqual(left, [saved[0], saved[2]]);
      assert.equal((await stat(join(dir, 'dump.pm2'))).mode & 0o777, 0o640);
    });
  });

  test('has its saved entries counted and forgotten; a broken list is left as it is', async () => {
    assert.equal(await forgetSavedMonitors(dir), 0);
    const file = join(dir, 'dump.pm2');
    const program6 = '/x/node_modules/pm2-liveness/dist/main.js';
    await writeFile(file, JSON.stringify([{ name: 'web' }, { name: 'a', pm_exec_path: program6 }]));
    assert.equal(await countSavedMonitors(dir), 1);
    assert.equal(await forgetSavedMonitors(dir), 1);
    assert.deepEqual(JSON.parse(await readFile(file, 'utf8')), [{ name: 'web' }]);
    await writeFile(file, '[{');
    assert.equal(await forgetSavedMonitors(dir), 0);
    assert.equal(await readFile(file, 'utf8'), '[{');
  });
});
