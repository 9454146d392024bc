import assert from 'node:assert/strict';
import { chmod, lstat, mkdir, readdir, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, test, type TestContext } from 'node:test';
import { dispatch } from '../../../src/cli/framework/dispatch.ts';
import { init } from '../../../src/cli/init/init.ts';
import { FakeIo } from '../io.ts';
import { manifest, projectOf, typeInit } from './projects.ts';

const NAME = 'ecosystem.config.cjs';
const GOOD = "module.exports = { apps: [{ name: 'a', script: 's.js', env: { PORT: 3000 } }] };\n";
const DEV = manifest({ dev: 'node server.js' });

/** The printed text and the exit code of the program. */
async function refusalOf(dir: string, ...words: readonly string[]): Promise<string> {
  const io = new FakeIo();
  const typed: typeof init = {
    ...init,
    run: async () => {
      await typeInit(dir, [...words, '--yes']);
      return 0;
    },
  };
  assert.equal(await dispatch([typed], ['init'], io), 2);
  assert.equal(io.errLines.length, 1);
  return io.errLines[0] ?? '';
}

async function folder(context: TestContext, files: Record<string, string> = {}): Promise<string> {
  const { dir, remove } = await projectOf({ 'package.json': DEV, ...files });
  context.after(remove);
  return dir;
}

describe('init leaves untouched, with one sentence and exit code 2,', () => {
  test('a file that is not UTF-8', async (context) => {
    const dir = await folder(context);
    for (const bytes of [
      Buffer.concat([Buffer.from(GOOD), Buffer.from('// caf\u00E9\n', 'latin1')]),
      Buffer.concat([Buffer.from([0xff, 0xfe]), Buffer.from(GOOD, 'utf16le')]),
    ]) {
      await writeFile(join(dir, NAME), bytes);
      assert.equal(
        await refusalOf(dir),
        `init: ${NAME} is not valid UTF-8; save it as UTF-8, then run init again`,
      );
      assert.deepEqual(await readFile(join(dir, NAME)), bytes);
    }
  });

  test('a read-only file', async (context) => {
    const dir = await folder(context, { [NAME]: GOOD });
    await chmod(join(dir, NAME), 0o444);
    assert.match(await refusalOf(dir), /ecosystem\.config\.cjs is read-only; make it writable/);
    assert.equal(await readFile(join(dir, NAME), 'utf8'), GOOD);
  });

  test('a read-only folder, with a file in it and without', async (context) => {
    const dir = await folder(context, { [NAME]: GOOD });
    await chmod(dir, 0o555);
    assert.match(await refusalOf(dir), /^init: the folder \S+ is read-only; make it writable/);
    await chmod(dir, 0o755);
    await rm(join(dir, NAME));
    await chmod(dir, 0o555);
    const said = await refusalOf(dir);
    await chmod(dir, 0o755);
    assert.match(said, /^init: the folder \S+ is read-only; make it writable/);
    assert.deepEqual(await readdir(dir), ['package.json']);
  });

  test('a link that leads nowhere, which stays one', async (context) => {
    const dir = await folder(context);
    await symlink('gone.cjs', join(dir, NAME));
    assert.equal(
      await refusalOf(dir),
      `init: ${NAME} is a link to gone.cjs, which is not there; create that file or remove the link, then run init again`,
    );
    assert.ok((await lstat(join(dir, NAME))).isSymbolicLink());
    assert.deepEqual((await readdir(dir)).toSorted(), [NAME, 'package.json']);
  });

  test('what is a folder, and a file in a folder that is not there', async (context) => {
    const dir = await folder(context);
    await mkdir(join(dir, NAME));
    assert.match(await refusalOf(dir), /^init: ecosystem\.config\.cjs is no file; name the/);
    assert.match(
      await refusalOf(dir, 'nowhere/my.config.cjs'),
      /^init: there is no folder \S+nowhere; create it first$/,
    );
  });
});

test('init keeps a byte order mark', async (context) => {
  const dir = await folder(context, { [NAME]: `\uFEFF${GOOD}` });
  assert.equal((await typeInit(dir)).code, 0);
  assert.ok((await readFile(join(dir, NAME), 'utf8')).startsWith('\uFEFFmodule.exports'));
});
