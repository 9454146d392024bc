import assert from 'node:assert/strict';
import { mkdir, mkdtemp, realpath, rename, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, beforeEach, describe, test } from 'node:test';
import { DeployWatch } from '../../../src/diagnosis/deploy/deploy-watch.ts';
import type { Installer } from '../../../src/diagnosis/deploy/installers.ts';
import { BoundedFiles } from '../../../src/os/bounded-files.ts';
import { systemClock as clock } from '../../../src/time/clock.ts';
import type { ManagedProcess } from '../../../src/pm2/process.ts';
import { managed } from '../../support/fake-pm2.ts';

describe('a deploy is seen', () => {
  let root: string;
  let cwd: string;
  let app: ManagedProcess;
  let running: readonly Installer[] = [];
  const installer = (project: string | null, startedAtMs = 0): Installer => ({
    pid: 8,
    label: 'npm ci',
    project,
    startedAtMs,
  });
  const watch = (files = new BoundedFiles(clock)): DeployWatch =>
    new DeployWatch({ files, clock, installers: { running: async () => running } });

  before(async () => {
    root = await realpath(await mkdtemp(join(tmpdir(), 'pl-watch-')));
    cwd = join(root, 'apps/web');
    await mkdir(join(cwd, 'node_modules'), { recursive: true });
    await writeFile(join(root, 'package.json'), '{"workspaces":["apps/*"]}');
    await writeFile(join(cwd, 'package.json'), '{"dependencies":{"a":"1"}}');
    await writeFile(join(cwd, 's.js'), '');
    app = managed({ cwd, env: { pm_cwd: cwd, pm_exec_path: join(cwd, 's.js') } });
  });
  after(() => rm(root, { recursive: true, force: true }));

  test('where an installer works on the project, and not on another', async () => {
    running = [installer(root)];
    assert.match((await watch().look(app))?.reason ?? '', /npm ci \(pid 8\) is at work in/);
    running = [installer(join(root, 'other'))];
    assert.equal(await watch().look(app), null);
    running = [];
    assert.equal(await watch().look(app), null);
  });

  test('of another user only where node_modules has changed since', async () => {
    running = [installer(null, 0)];
    assert.match((await watch().look(app))?.reason ?? '', /of another user/);
    running = [installer(null, Date.now() + 60_000)];
    assert.equal(await watch().look(app), null);
    running = [];
  });

  test('where the configuration was saved a moment ago, by an app that ran before and runs on', async () => {
    const [file, now] = [join(cwd, 'vite.config.mjs'), Date.now()];
    await writeFile(file, '');
    const at = (wall: number) =>
      new DeployWatch({
        files: new BoundedFiles(clock),
        clock: { ...clock, wall: () => wall, now: () => clock.now() },
        installers: { running: async () => [] },
      });
    const ran = { ...app, pid: 7, startedAt: now - 60_000 };
    const seen = await at(now + 5_000).look(ran);
    assert.equal(seen?.reason, 'vite.config.mjs was saved, the app may start itself again');
    assert.equal(seen?.isCertain, false);
    // Long ago, in a future that never comes, before the app was started, and where nothing runs.
    assert.equal(await at(now + 30_000).look(ran), null);
    assert.equal(await at(now - 30_000).look(ran), null);
    assert.equal(await at(now + 5_000).look({ ...ran, startedAt: now + 4_000 }), null);
    assert.equal(await at(now + 5_000).look({ ...ran, pid: 0 }), null);
    await rm(file);
  });

  test('where node_modules is gone from an app that answered well with it', async () => {
    const [seen, unseen] = [watch(), watch()];
    await seen.note(app, true);
    await rename(join(cwd, 'node_modules'), join(cwd, 'gone'));
    assert.match((await seen.look(app))?.reason ?? '', /node_modules is gone; install/);
    assert.equal(await unseen.look(app), null);
    await rename(join(cwd, 'gone'), join(cwd, 'node_modules'));
    assert.equal(await seen.look(app), null);
  });

  test('where the node_modules of the workspace above is gone, though the app has one of its own', async () => {
    const above = join(root, 'node_modules');
    await mkdir(above);
    const deploy = watch();
    await deploy.note(app, true);
    await rm(above, { recursive: true });
    const { reason = '' } = (await deploy.look(app)) ?? {};
    assert.equal(reason, `${above} is gone; install the packages again in ${root}`);
  });

  test('where an installer that was killed has left a node_modules without its record', async () => {
    const record = join(cwd, 'node_modules/.package-lock.json');
    await writeFile(record, '{}');
    const deploy = watch();
    await deploy.note(app, true);
    assert.equal(await deploy.look(app), null);
    await rm(record);
    assert.match(
      (await deploy.look(app))?.reason ?? '',
      /node_modules is incomplete, an installer/,
    );
    // Another tool has installed all of it, and Bun says nothing of it.
    await writeFile(join(cwd, 'bun.lock'), '{}');
    assert.equal(await deploy.look(app), null);
    await rm(join(cwd, 'bun.lock'));
    await writeFile(join(cwd, 'node_modules/.modules.yaml'), '');
    assert.equal(await deploy.look(app), null);
    await rm(join(cwd, 'node_modules/.modules.yaml'));
    assert.equal(await watch().look(app), null);
  });

  describe('through links', () => {
    let shared: string;
    let linked: ManagedProcess;
    const appIn = (folder: string): ManagedProcess =>
      managed({ cwd: folder, env: { pm_cwd: folder, pm_exec_path: join(folder, 's.js') } });

    beforeEach(async () => {
      shared = await mkdtemp(join(root, 'shared-'));
      const web = await mkdtemp(join(root, 'linked-'));
      await mkdir(join(shared, 'node_modules'));
      await writeFile(join(shared, 'node_modules/.package-lock.json'), '{}');
      for (const folder of [shared, web]) {
        await writeFile(join(folder, 'package.json'), '{"dependencies":{"a":"1"}}');
      }
      await writeFile(join(web, 's.js'), '');
      await symlink(join(shared, 'node_modules'), join(web, 'node_modules'));
      linked = appIn(web);
    });

    test('where an installer works in the folder that node_modules leads to, which may be gone', async () => {
      const deploy = watch();
      await writeFile(join(shared, 'pnpm-workspace.yaml'), '');
      running = [installer(shared)];
      const wanted = `npm ci (pid 8) is at work in ${shared}`;
      assert.equal((await deploy.look(linked))?.reason, wanted);
      await deploy.note(linked, true);
      await rm(join(shared, 'node_modules'), { recursive: true });
      assert.equal((await deploy.look(linked))?.reason, wanted);
      running = [];
      assert.equal(
        (await deploy.look(linked))?.reason,
        `${linked.cwd}/node_modules is gone; install the packages again in ${shared}`,
      );
    });

    test('where node_modules is gone from the workspace of a package that is the app’s folder by a link', async () => {
      const above = join(root, 'node_modules');
      await mkdir(above);
      const elsewhere = await realpath(await mkdtemp(join(tmpdir(), 'pl-link-')));
      const link = join(elsewhere, 'web');
      await symlink(cwd, link);
      const deploy = watch();
      await deploy.note(appIn(link), true);
      assert.equal(await deploy.look(appIn(link)), null);
      await rm(above, { recursive: true });
      const wanted = `${above} is gone; install the packages again in ${root}`;
      assert.equal((await deploy.look(appIn(link)))?.reason, wanted);
      // The link too: its folder is asked for as it was.
      await rm(link);
      assert.equal((await deploy.look(appIn(link)))?.reason, wanted);
      await rm(elsewhere, { recursive: true });
    });

    test('but not where the link leads to another release, and the packages of the earlier are cleared away', async () => {
      const [one, two] = ['1', '2'].map((name) => join(shared, name));
      for (const release of [one, two]) {
        await mkdir(join(release ?? '', 'node_modules'), { recursive: true });
        await writeFile(join(release ?? '', 'package.json'), '{"dependencies":{"a":"1"}}');
        await writeFile(join(release ?? '', 's.js'), '');
      }
      const current = join(shared, 'current');
      await symlink(one ?? '', current);
      const deploy = watch();
      await deploy.note(appIn(current), true);
      await rm(current);
      await symlink(two ?? '', current);
      await rm(join(one ?? '', 'node_modules'), { recursive: true });
      assert.equal(await deploy.look(appIn(current)), null);
      // As ever: the new one is not yet complete.
      await rm(join(two ?? '', 'node_modules'), { recursive: true });
      assert.equal(
        (await deploy.look(appIn(current)))?.reason,
        `${current}/node_modules is gone; install the packages again in ${current}`,
      );
    });
  });

  test('is not known, rather than over, where the disk does not answer in time', async () => {
    const files = new BoundedFiles(clock);
    const deploy = watch(files);
    await deploy.note(app, true);
    files.mark = async () => null;
    assert.equal(await deploy.look(app), undefined);
  });

  test('where the script is gone, for as long as it is', async () => {
    await rename(join(cwd, 's.js'), join(cwd, 'b.js'));
    const seen = await watch().look(app);
    assert.equal(seen?.isCertain, true);
    await rename(join(cwd, 'b.js'), join(cwd, 's.js'));
  });

  test('but not where its interpreter or log folder is gone, without which PM2 loses it', async () => {
    const nowhere = join(cwd, 'nowhere');
    for (const env of [
      { exec_interpreter: join(nowhere, 'node') },
      { pm_err_log_path: join(nowhere, 'err.log') },
    ]) {
      assert.equal(await watch().look({ ...app, env: { ...app.env, ...env } }), null);
    }
  });
});
