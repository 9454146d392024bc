import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { chmod, chown, readdir, readFile, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, test, type TestContext } from 'node:test';
import { draftOf } from '../../../src/cli/init/write.ts';
import { projectOf, typeInit } from './projects.ts';

const MONITOR = {
  'node_modules/pm2-liveness/package.json': '{}',
  'node_modules/pm2-liveness/dist/main.js': '',
};
const NAME = 'ecosystem.config.cjs';
const SECRET =
  "module.exports = { apps: [{ name: 'a', script: 's.js', env: { PORT: 3000, KEY: 'k' } }] };\n";
const SKIP = { skip: process.platform === 'win32' };
const ROOT_ONLY = { skip: process.getuid?.() !== 0 };

async function project(context: TestContext, mode: number): Promise<string> {
  const { dir, remove } = await projectOf({ ...MONITOR, [NAME]: SECRET });
  context.after(remove);
  await chmod(join(dir, NAME), mode);
  return dir;
}

/** The modes of all drafts in a folder. */
async function draftModes(dir: string): Promise<number[]> {
  const names = (await readdir(dir)).filter((name) => name.endsWith(`-${NAME}`));
  return Promise.all(names.map(async (name) => (await stat(join(dir, name))).mode & 0o777));
}

describe('what init writes', SKIP, () => {
  for (const mode of [0o600, 0o640, 0o644, 0o664]) {
    test(`has the mode of the file at last (${mode.toString(8)}), and is nobody else’s before`, async (context) => {
      const dir = await project(context, mode);
      const before = process.umask(0);
      context.after(() => process.umask(before));
      const seen: number[][] = [];
      const { code } = await typeInit(dir, [], async () => {
        seen.push(await draftModes(dir));
        return true;
      });
      assert.equal(code, 0);
      assert.deepEqual(seen, [[0o600]]);
      assert.equal((await stat(join(dir, NAME))).mode & 0o777, mode);
      assert.match(await readFile(join(dir, NAME), 'utf8'), /env_liveness/);
      assert.deepEqual(await draftModes(dir), []);
    });
  }

  test('is created with its mode, not narrowed after', async (context) => {
    const dir = await project(context, 0o600);
    const plan = {
      before: SECRET,
      after: `${SECRET}// more\n`,
      added: { blocks: {}, monitor: null },
      notes: [],
    };
    const modes: number[] = [];
    const looking = setInterval(() => void draftModes(dir).then((seen) => modes.push(...seen)), 1);
    const draft = await draftOf(join(dir, NAME), plan);
    clearInterval(looking);
    assert.deepEqual([...new Set([...modes, ...(await draftModes(dir))])], [0o600]);
    await draft.leave();
  });

  test('has no more rights than a file that was restricted during the question', async (context) => {
    const dir = await project(context, 0o644);
    await typeInit(dir, [], async () => {
      await chmod(join(dir, NAME), 0o600);
      return true;
    });
    assert.equal((await stat(join(dir, NAME))).mode & 0o777, 0o600);
  });

  test('keeps owner and group where root writes it', ROOT_ONLY, async (context) => {
    const dir = await project(context, 0o640);
    await chown(join(dir, NAME), 12_345, 23_456);
    assert.equal((await typeInit(dir)).code, 0);
    const { uid, gid, mode } = await stat(join(dir, NAME));
    assert.deepEqual([uid, gid, mode & 0o777], [12_345, 23_456, 0o640]);
  });

  test(
    'does not take a file from its owner, nor open it to another group',
    ROOT_ONLY,
    async (context) => {
      const dir = await project(context, 0o664);
      const program = new URL('draft.ts', import.meta.url).pathname;
      const asSomebody = (): { status: number | null; text: string } => {
        const { status, stderr, stdout } = spawnSync(
          process.execPath,
          ['--import', 'tsx', program, dir],
          {
            uid: 12_345,
            gid: 12_345,
            encoding: 'utf8',
            env: { PATH: '/usr/bin:/bin', TMPDIR: dir },
          },
        );
        return { status, text: stdout + stderr };
      };
      await chmod(dir, 0o777);
      await chmod(join(dir, NAME), 0o666);
      const refused = asSomebody();
      assert.match(
        refused.text,
        /it belongs to user 0, and the new file would belong to user 12345/,
      );
      assert.equal(await readFile(join(dir, NAME), 'utf8'), SECRET);
      await chown(join(dir, NAME), 12_345, 23_456);
      await chmod(join(dir, NAME), 0o660);
      const taken = asSomebody();
      assert.equal(taken.status, 0, taken.text);
      const { uid, gid, mode } = await stat(join(dir, NAME));
      assert.deepEqual([uid, gid, mode & 0o777], [12_345, 12_345, 0o600]);
    },
  );

  test('is as any new file where there was none', async (context) => {
    const { dir, remove } = await projectOf({
      ...MONITOR,
      'package.json': '{"scripts":{"dev":"node s.js"}}',
    });
    context.after(remove);
    const before = process.umask(0o027);
    context.after(() => process.umask(before));
    assert.equal((await typeInit(dir)).code, 0);
    assert.equal((await stat(join(dir, NAME))).mode & 0o777, 0o640);
    await writeFile(join(dir, 'x'), '');
  });
});
