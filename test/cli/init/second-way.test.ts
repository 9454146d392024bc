import assert from 'node:assert/strict';
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { runInit } from '../../../src/cli/init/init.ts';
import { NOTHING_RUNS, type RunningApps } from '../../../src/cli/init/running-apps.ts';
import { managed } from '../../support/fake-pm2.ts';
import { FakeIo } from '../io.ts';
import { manifest, projectOf } from './projects.ts';

const PACKAGE = manifest({ dev: 'vite' });
const BLOCK = "env_liveness: { tcp: 'localhost:80' }";

/** What `init --yes` says in a folder, and what is in the folder then. */
async function typed(
  dir: string,
  running: RunningApps = NOTHING_RUNS,
): Promise<{ code: number; said: readonly string[]; files: readonly string[] }> {
  const io = new FakeIo();
  const given = {
    words: [],
    has: (option: string) => option === 'yes',
    valueOf: () => undefined,
    valuesOf: () => [],
  };
  const code = await runInit(dir, given, io, async () => null, running);
  const said = [...io.outLines, ...io.errLines];
  return { code, said, files: (await readdir(dir)).toSorted() };
}

describe('init writes no second file', () => {
  test('for an app of the folder that is stopped or given up: it says how to start and watch it', async (t) => {
    for (const status of ['stopped', 'errored'] as const) {
      const { dir, remove } = await projectOf({ 'package.json': PACKAGE });
      t.after(remove);
      const app = managed({ name: 'web', status, pid: 0, cwd: dir, block: undefined });
      const { code, said, files } = await typed(dir, { ...NOTHING_RUNS, stopped: [app] });
      assert.equal(code, 1);
      assert.deepEqual(said, [
        `PM2 has web from this folder already (${status} now). Nothing is written: a file would add it a second time.`,
        'To start it and have it watched, type:',
        '  npx pm2 restart web',
        '  npx pm2-liveness watch web',
      ]);
      assert.deepEqual(files, ['package.json']);
    }
  });

  test('for a stopped app that has a block: nothing is left to do', async (t) => {
    const { dir, remove } = await projectOf({ 'package.json': PACKAGE });
    t.after(remove);
    const block = { tcp: 'localhost:80' };
    const app = managed({ name: 'web', status: 'stopped', pid: 0, cwd: dir, block });
    const { code, said, files } = await typed(dir, { ...NOTHING_RUNS, stopped: [app] });
    assert.equal(code, 0);
    assert.deepEqual(said, [
      'PM2 has web from this folder already (stopped now), and it has a block. Nothing is written.',
    ]);
    assert.deepEqual(files, ['package.json']);
  });

  for (const [what, entry] of [
    [
      'by its folder',
      "{ name: 'web', cwd: 'apps/web', script: '../../node_modules/vite/bin/vite.js' }",
    ],
    ['by its script', "{ name: 'web', script: 'apps/web/src/server.js' }"],
  ] as const) {
    test(`for an app that a file above describes ${what}: it names that file`, async (t) => {
      const { dir, remove } = await projectOf({
        'ecosystem.config.cjs': `module.exports = { apps: [{ name: 'api', script: 'api.js' }, ${entry}] };`,
        'apps/web/package.json': PACKAGE,
      });
      t.after(remove);
      const { code, said, files } = await typed(join(dir, 'apps/web'));
      assert.equal(code, 1);
      assert.deepEqual(said, [
        '../../ecosystem.config.cjs has web, which is in this folder. Nothing is written: a second file would start it a second time.',
        'To complete that file, type:',
        '  (cd ../.. && npx pm2-liveness init)',
      ]);
      assert.deepEqual(files, ['package.json']);
    });
  }

  test('where the file above has its block, in YAML', async (t) => {
    const { dir, remove } = await projectOf({
      'ecosystem.yml': `apps:\n  - name: web\n    cwd: web\n    script: s.js\n    env_liveness: { tcp: 'localhost:80' }\n`,
      'web/package.json': PACKAGE,
    });
    t.after(remove);
    const { code, said } = await typed(join(dir, 'web'));
    assert.equal(code, 0);
    assert.deepEqual(said, [
      '../ecosystem.yml has web, which is in this folder, with a block. Nothing is written.',
    ]);
  });

  test('but a first one where the file above is for other apps, or fails', async (t) => {
    for (const text of [
      `module.exports = { apps: [{ name: 'api', cwd: 'api', script: 's.js', ${BLOCK} }] };`,
      `module.exports = { apps: [{ name: 'web', cwd: 'web2', script: 's.js' }] };`,
      "throw new Error('no')",
    ]) {
      const { dir, remove } = await projectOf({
        'ecosystem.config.cjs': text,
        'web/package.json': PACKAGE,
      });
      t.after(remove);
      const { files } = await typed(join(dir, 'web'));
      assert.deepEqual(files, ['ecosystem.config.cjs', 'package.json'], text);
    }
  });
});
