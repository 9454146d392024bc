import assert from 'node:assert/strict';
import { appendFile, mkdir, mkdtemp, realpath, rename, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, test } from 'node:test';
import { SaveWatch } from '../../../src/diagnosis/saves/save-watch.ts';
import { BoundedFiles } from '../../../src/os/bounded-files.ts';
import type { ManagedProcess } from '../../../src/pm2/process.ts';
import { systemClock as clock } from '../../../src/time/clock.ts';
import { managed } from '../../support/fake-pm2.ts';

/** Later than all that a test writes: what changes is no news of the run. */
const LATER = Date.now() + 3_600_000;

describe('a change for which an app that is down is worth another start', () => {
  let cwd: string;
  let app: ManagedProcess;
  let watch: SaveWatch;
  let freed: { readonly what: string; readonly isFromRun: boolean } | null;

  beforeEach(async () => {
    cwd = await realpath(await mkdtemp(join(tmpdir(), 'pl-save-')));
    for (const name of ['server.mjs', 'package.json', 'config.json'])
      await writeFile(join(cwd, name), '{}');
    await mkdir(join(cwd, 'node_modules'));
    app = managed({
      cwd,
      pid: 0,
      startedAt: LATER,
      env: { pm_exec_path: join(cwd, 'server.mjs') },
    });
    freed = null;
    const port = { look: async () => freed };
    watch = new SaveWatch({ files: new BoundedFiles(clock), port });
  });
  afterEach(() => rm(cwd, { recursive: true, force: true }));

  const look = (isFirst = false, detail = ''): Promise<string | null> =>
    watch.look(app, { detail, isFirst, probedPort: null });
  /** What comes of the next looks; those at files that are missing are rarer. */
  const news = async (): Promise<string | null> => {
    for (let times = 0; times < 7; times += 1) {
      const what = await look();
      if (what !== null) return what;
    }
    return null;
  };
  const save = (name: string): Promise<void> => appendFile(join(cwd, name), ' ');

  test('is a save that stands still, once', async () => {
    assert.equal(await look(true), null);
    assert.equal(await look(), null);
    await save('server.mjs');
    assert.equal(await look(), null);
    assert.equal(await look(), 'server.mjs was saved');
    assert.equal(await look(), null);
    await save('server.mjs');
    assert.equal(await look(), null);
    assert.equal(await look(), 'server.mjs was saved');
  });

  test('waits until the last of several writes', async () => {
    await look(true);
    for (let times = 0; times < 3; times += 1) {
      await save('server.mjs');
      assert.equal(await look(), null);
    }
    assert.equal(await look(), 'server.mjs was saved');
  });

  test('is seen where an editor saves by renaming, and of several files', async () => {
    await look(true);
    await writeFile(join(cwd, '.server.mjs.swp'), 'well');
    await rename(join(cwd, '.server.mjs.swp'), join(cwd, 'server.mjs'));
    await save('package.json');
    await look();
    assert.equal(await look(), 'server.mjs and 1 more were saved');
  });

  test('is a file that comes, and one that goes, but not one that the app needs', async () => {
    await look(true, 'config.json: Unexpected token');
    await writeFile(join(cwd, '.env.local'), 'A=1');
    assert.equal(await news(), '.env.local was created');
    await rm(join(cwd, 'config.json'));
    assert.equal(await news(), 'config.json was removed');
    await rm(join(cwd, 'package.json'));
    await rm(join(cwd, 'node_modules'), { recursive: true });
    assert.equal(await news(), null);
    await mkdir(join(cwd, 'node_modules'));
    assert.equal(await news(), 'node_modules was installed');
  });

  test('is seen in a file that the error names, and in no other', async () => {
    await look(true);
    await save('config.json');
    await look();
    assert.equal(await look(), null);
    await look(true, `SyntaxError in ${join(cwd, 'config.json')}:1:2`);
    await save('config.json');
    await look();
    assert.equal(await look(), 'config.json was saved');
  });

  test('while the app still ran counts once, until a person saves', async () => {
    app = { ...app, startedAt: 0 };
    // The app writes into its own file at each start.
    const run = async (): Promise<string | null> => {
      await save('package.json');
      return (await look(true)) ?? look();
    };
    assert.match((await run()) ?? '', / saved$/);
    assert.equal(await run(), null);
    assert.equal(await run(), null);
    await save('server.mjs');
    await look();
    assert.equal(await look(), 'server.mjs was saved');
    assert.match((await run()) ?? '', /package\.json was saved/);
    assert.equal(await run(), null);
  });

  test('is a port that is free again', async () => {
    await look(true);
    freed = { what: 'port 3000 is free again', isFromRun: false };
    assert.equal(await look(), 'port 3000 is free again');
    freed = null;
    assert.equal(await look(), null);
  });
});
