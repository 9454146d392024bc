import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, test } from 'node:test';
import {
  EMPTY_DOCUMENT,
  GUARD_FILE,
  readGuard,
  writeGuard,
  type GuardDocument,
} from '../../src/guard/guard-file.ts';

const DOCUMENT: GuardDocument = {
  schemaVersion: 1,
  memory: {
    lookedAt: 1_000,
    found: 'PM2 was killed',
    daemon: { boot: 'one', isOnPurpose: false },
    leaderPid: 50,
    trouble: { what: 'daemon', since: 900, looks: 2, sameLooks: 1, processes: '' },
    attempts: 1,
    attemptedAt: 950,
    isTold: true,
  },
  unsent: [{ id: 'a', at: 950, text: 'PM2 was killed', isTrouble: true, done: ['phone'] }],
};

describe("the guard's file", { skip: process.platform === 'win32' }, () => {
  let dir: string;
  let file: string;
  beforeEach(() => {
    dir = mkdtempSync(join(tmpdir(), 'pl-guard-'));
    file = join(dir, GUARD_FILE);
  });
  afterEach(() => rmSync(dir, { recursive: true }));

  test('is read as it was written, and is for its owner alone', async () => {
    await writeGuard(dir, DOCUMENT);
    assert.deepEqual(await readGuard(dir), DOCUMENT);
    assert.equal(statSync(file).mode & 0o777, 0o600);
    await writeGuard(dir, EMPTY_DOCUMENT);
    assert.deepEqual(await readGuard(dir), EMPTY_DOCUMENT);
  });

  test('is empty where there is no folder yet, and the folder is made private', async () => {
    const inner = join(dir, 'pm2-liveness');
    assert.deepEqual(await readGuard(inner), EMPTY_DOCUMENT);
    await writeGuard(inner, DOCUMENT);
    assert.equal(statSync(inner).mode & 0o777, 0o700);
  });

  for (const [what, text] of [
    ['torn', JSON.stringify(DOCUMENT).slice(0, 100)],
    ['empty', ''],
    ['of another version', JSON.stringify({ ...DOCUMENT, schemaVersion: 2 })],
    ['of another kind', '[1]'],
    ['with times that are none', JSON.stringify(DOCUMENT).replace('1000', '"soon"')],
    ['far too long', ' '.repeat(300_000)],
  ] as const) {
    test(`that is ${what} is like none, and the next look replaces it`, async () => {
      writeFileSync(file, text);
      assert.deepEqual(await readGuard(dir), EMPTY_DOCUMENT);
      await writeGuard(dir, DOCUMENT);
      assert.deepEqual(await readGuard(dir), DOCUMENT);
    });
  }

  test('that is a link is replaced, and what it points to is not touched', async () => {
    const other = join(dir, 'other');
    writeFileSync(other, JSON.stringify(DOCUMENT), { mode: 0o644 });
    symlinkSync(other, file);
    assert.deepEqual(await readGuard(dir), EMPTY_DOCUMENT);
    await writeGuard(dir, EMPTY_DOCUMENT);
    assert.equal(readFileSync(other, 'utf8'), JSON.stringify(DOCUMENT));
    assert.equal(statSync(other).mode & 0o777, 0o644);
  });

  test('in a folder that is none of ours is an error', async () => {
    symlinkSync(tmpdir(), join(dir, 'link'));
    await assert.rejects(readGuard(join(dir, 'link')), { code: 'ERR_STORE' });
  });
});
