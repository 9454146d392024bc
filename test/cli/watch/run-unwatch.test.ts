import assert from 'node:assert/strict';
import { readFile, writeFile } from 'node:fs/promises';
import { describe, test } from 'node:test';
import { runUnwatch } from '../../../src/cli/watch/run-unwatch.ts';
import { codeOf } from '../../../src/errors.ts';
import { FakeIo } from '../io.ts';
import { pm2HomeFor } from './pm2-at.ts';

const FILE = {
  schemaVersion: 1,
  later: true,
  apps: [
    { name: 'web', block: { tcp: '127.0.0.1:1' } },
    { name: 'api', block: { tcp: '127.0.0.1:2' }, more: 7 },
  ],
};

async function unwatch(app: string, isJson = false): Promise<{ code: number; io: FakeIo }> {
  const io = new FakeIo();
  const given = { words: [app], has: () => isJson, valueOf: () => undefined, valuesOf: () => [] };
  return { code: await runUnwatch(given, io), io };
}

describe('unwatch without a PM2', () => {
  test('takes one app out of the file, and leaves all else in it', async (t) => {
    const { file } = await pm2HomeFor(t);
    await writeFile(file, JSON.stringify(FILE));
    const { code, io } = await unwatch('web');
    assert.equal(code, 0);
    assert.deepEqual(io.outLines, [
      'web is out of watched.json, and no longer watched; the app itself runs on.',
    ]);
    const { apps, ...rest } = JSON.parse(await readFile(file, 'utf8'));
    assert.deepEqual([apps, rest], [FILE.apps.slice(1), { schemaVersion: 1, later: true }]);
  });

  test('says the same as JSON', async (t) => {
    const { file } = await pm2HomeFor(t);
    await writeFile(file, JSON.stringify(FILE));
    const { code, io } = await unwatch('api', true);
    assert.equal(code, 0);
    const wanted = { schemaVersion: 1, name: 'api', isRemoved: true, removal: null };
    assert.deepEqual(JSON.parse(io.outLines.join('\n')), wanted);
  });

  test('refuses an app that is nowhere, and suggests a name of the file', async (t) => {
    const { file } = await pm2HomeFor(t);
    await writeFile(file, JSON.stringify(FILE));
    await assert.rejects(unwatch('wbe'), (error: Error) => {
      assert.equal(codeOf(error), 'ERR_USAGE');
      assert.match(error.message, /unwatch: there is no app 'wbe' \(did you mean 'web'\?\)/);
      return true;
    });
    assert.deepEqual(JSON.parse(await readFile(file, 'utf8')), FILE);
  });

  test('leaves a file that it cannot read as it is, and says so', async (t) => {
    const { file } = await pm2HomeFor(t);
    await writeFile(file, '{"schemaVersion":2}');
    await assert.rejects(unwatch('web'), (error: Error) => {
      assert.equal(codeOf(error), 'ERR_CONFIG');
      assert.match(error.message, /schemaVersion 2; .*; correct it, or move it away/);
      return true;
    });
    assert.equal(await readFile(file, 'utf8'), '{"schemaVersion":2}');
  });
});
