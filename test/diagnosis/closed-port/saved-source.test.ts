import assert from 'node:assert/strict';
import { mkdir, mkdtemp, rm, symlink, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, test } from 'node:test';
import { BoundedFiles } from '../../../src/os/bounded-files.ts';
import { SavedSource } from '../../../src/diagnosis/closed-port/saved-source.ts';
import { systemClock } from '../../../src/time/clock.ts';

const FILES = new BoundedFiles(systemClock);

describe('whether source was saved since an app answered well', () => {
  let folder: string;

  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'pl-saved-'));
  });

  afterEach(() => rm(folder, { recursive: true }));

  /** Asked for the minute after all that is there was written: a change time cannot be set. */
  function since(now: number): Promise<boolean | null> {
    return new SavedSource(systemClock, FILES).isSaved(folder, now);
  }

  for (const name of ['app.mjs', 'src/deep/page.tsx', '.env.local', 'server.py', 'App.VUE']) {
    test(`${name} is such a file`, async () => {
      const path = join(folder, name);
      await mkdir(join(path, '..'), { recursive: true });
      await writeFile(path, '');
      assert.equal(await since(Date.now() - 1_000), true);
      assert.equal(await since(Date.now() + 60_000), false, 'it is older');
      await utimes(path, 4_000_000_000, 4_000_000_000);
      assert.equal(await since(Date.now() + 60_000), true);
    });
  }

  for (const name of ['error.log', 'app.db', 'node_modules/a/index.js', '.next/server.js']) {
    test(`${name} is none`, async () => {
      const path = join(folder, name);
      await mkdir(join(path, '..'), { recursive: true });
      await writeFile(path, '');
      assert.equal(await since(Date.now() - 1_000), false);
    });
  }

  test('a link is not followed, also not one that leads in a circle', async () => {
    await symlink(folder, join(folder, 'again'));
    await symlink('/proc/self/status', join(folder, 'status.js'));
    assert.equal(await since(0), false);
  });

  test('is not known of a folder that is missing, or is too large', async () => {
    assert.equal(
      await new SavedSource(systemClock, FILES).isSaved(join(folder, 'missing'), Date.now()),
      null,
    );
    for (let part = 0; part < 5; part += 1) {
      await mkdir(join(folder, `${part}`));
      const names = Array.from({ length: 900 }, (_, nth) => join(folder, `${part}`, `${nth}`));
      await Promise.all(names.map((name) => writeFile(name, '')));
    }
    assert.equal(await since(Date.now()), null);
  });

  test('is looked up again when the app has run since', async () => {
    const source = new SavedSource(systemClock, FILES);
    const now = Date.now() - 1_000;
    assert.equal(await source.isSaved(folder, now), false);
    await writeFile(join(folder, 'app.mjs'), '');
    assert.equal(await source.isSaved(folder, now), false);
    source.forget();
    assert.equal(await source.isSaved(folder, now), true);
  });
});
