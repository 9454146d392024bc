import assert from 'node:assert/strict';
import { mkdir, mkdtemp, realpath, rename, rm, symlink } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, test } from 'node:test';
import { ReleaseWatch } from '../../../src/diagnosis/deploy/release-watch.ts';
import { BoundedFiles } from '../../../src/os/bounded-files.ts';
import type { WorkFolder } from '../../../src/os/os-reader.ts';
import { systemClock as clock } from '../../../src/time/clock.ts';
import { managed } from '../../support/fake-pm2.ts';

describe('an app that still runs an earlier release', () => {
  let root: string;
  let current: string;
  let folder: WorkFolder | null;
  let watch: ReleaseWatch;
  const at = (name: string): string => join(root, 'releases', name);
  const switchTo = async (name: string): Promise<void> => {
    await symlink(at(name), join(root, 'next'));
    await rename(join(root, 'next'), current);
  };

  beforeEach(async () => {
    root = await realpath(await mkdtemp(join(tmpdir(), 'pl-release-')));
    current = join(root, 'current');
    for (const name of ['1', '2']) await mkdir(at(name), { recursive: true });
    await switchTo('1');
    folder = { path: at('1'), isDeleted: false };
    const reader = { workFolder: async () => folder };
    watch = new ReleaseWatch({ files: new BoundedFiles(clock), reader });
  });
  afterEach(() => rm(root, { recursive: true, force: true }));

  const noteOf = async (cwd: string, env = {}, incarnation = 'a'): Promise<string | null> => {
    await watch.look(managed({ cwd, env, pid: 8 }), incarnation);
    return watch.noteOf(incarnation);
  };

  test('is not said to while the link is as it was', async () => {
    assert.equal(await noteOf(current), null);
    assert.equal(await noteOf(current), null);
  });

  test('is said to when the link was switched, until its next process', async () => {
    await noteOf(current);
    await switchTo('2');
    assert.equal(
      await noteOf(current),
      `it still runs ${at('1')}: ${current} is ${at('2')} now, and \`pm2 restart\` starts it there`,
    );
    assert.equal(watch.noteOf('b'), null);
    folder = { path: at('2'), isDeleted: false };
    assert.equal(await noteOf(current, {}, 'b'), null);
  });

  test('is said to where we came after the switch, and where we may not see its folder', async () => {
    await switchTo('2');
    assert.match((await noteOf(current)) ?? '', /it still runs/);
    folder = null;
    assert.equal(await noteOf(current, {}, 'b'), null);
    await switchTo('1');
    assert.match((await noteOf(current, {}, 'b')) ?? '', /it still runs .*releases\/2: /);
  });

  test('is said to where its folder is deleted, with or without another one in its place', async () => {
    folder = { path: at('1'), isDeleted: true };
    await switchTo('2');
    assert.match(
      (await noteOf(current)) ?? '',
      /is deleted; .*current is .*2 now, and `pm2 restart`/,
    );
    await rm(current);
    assert.match((await noteOf(current)) ?? '', /is deleted; `pm2 delete` it and start it where/);
  });

  test('is said to where PM2 resolved the link from which it was started', async () => {
    const env = { PWD: current };
    assert.equal(await noteOf(at('1'), env), null);
    await switchTo('2');
    assert.match(
      (await noteOf(at('1'), env)) ?? '',
      /PM2 keeps it in .*1, but .*current, where it was started, is .*2 now: `pm2 delete`/,
    );
  });

  describe('in a folder below the release', () => {
    const below = (name: string): string => join(at(name), 'apps/web');

    beforeEach(async () => {
      for (const name of ['1', '2']) await mkdir(below(name), { recursive: true });
      folder = { path: below('1'), isDeleted: false };
    });

    test('is said to where we came after the switch', async () => {
      const cwd = join(current, 'apps/web');
      await switchTo('2');
      assert.match((await noteOf(cwd)) ?? '', /it still runs .*1\/apps\/web: .*2\/apps\/web now/);
    });

    test('is said to where it was started in that folder, also after the switch', async () => {
      await switchTo('2');
      const env = { PWD: join(current, 'apps/web') };
      assert.match((await noteOf(below('1'), env)) ?? '', /PM2 keeps it in .*1\/apps\/web, but /);
    });

    test('is said to where it was started in the release, of its next processes too', async () => {
      const env = { PWD: current };
      assert.equal(await noteOf(below('1'), env), null);
      await switchTo('2');
      for (const incarnation of ['a', 'b']) {
        const note = await noteOf(below('1'), env, incarnation);
        assert.match(note ?? '', /PM2 keeps it in .*1\/apps\/web, but .*current, where/);
      }
      await switchTo('1');
      assert.equal(await noteOf(below('1'), env), null);
    });
  });

  test('is said to where the releases have other parents, with the same name', async () => {
    const [blue, green] = [join(root, 'blue/app'), join(root, 'green/app')];
    for (const path of [blue, green]) await mkdir(path, { recursive: true });
    const env = { PWD: current };
    await switchTo('../blue/app');
    folder = { path: blue, isDeleted: false };
    assert.equal(await noteOf(blue, env), null);
    await switchTo('../green/app');
    assert.match((await noteOf(blue, env)) ?? '', /PM2 keeps it in .*blue\/app, but /);
  });

  test('is not one whose folder was never in the one where it was started', async () => {
    const env = { PWD: current };
    await mkdir(join(root, 'tools/job'), { recursive: true });
    assert.equal(await noteOf(join(root, 'tools/job'), env), null);
    await switchTo('2');
    assert.equal(await noteOf(join(root, 'tools/job'), env), null);
  });

  test('is not one that went to another folder by itself', async () => {
    folder = { path: tmpdir(), isDeleted: false };
    assert.equal(await noteOf(current), null);
    folder = { path: join(at('1'), 'dist'), isDeleted: false };
    assert.equal(await noteOf(at('1')), null);
  });
});
