import assert from 'node:assert/strict';
import { existsSync, mkdtempSync, readFileSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, test } from 'node:test';
import { alone } from '../../src/guard/guard-lock.ts';

const BIRTHS = {
  births: (pids: readonly number[]) =>
    Promise.resolve(new Map(pids.filter((pid) => pid !== 77).map((pid) => [pid, `birth-${pid}`]))),
};

describe('the lock of a look', () => {
  let dir: string;
  let file: string;
  beforeEach(() => {
    dir = mkdtempSync(join(tmpdir(), 'pl-guard-'));
    file = join(dir, 'guard.lock');
  });
  afterEach(() => rmSync(dir, { recursive: true }));

  const run = (): Promise<string | null> => alone(dir, BIRTHS, () => Promise.resolve('looked'));

  test('lets one look run at a time, and is gone after it', async () => {
    const inner = await alone(dir, BIRTHS, async () => {
      assert.equal(readFileSync(file, 'utf8'), `${process.pid} birth-${process.pid}`);
      return run();
    });
    assert.equal(inner, null);
    assert.equal(existsSync(file), false);
    assert.equal(await run(), 'looked');
  });

  test('is gone after a look that fails', async () => {
    const failing = alone(dir, BIRTHS, () => Promise.reject(new Error('no')));
    await assert.rejects(failing, { message: 'no' });
    assert.equal(await run(), 'looked');
  });

  for (const [what, text, expected] of [
    ['a running process', '50 birth-50', null],
    ['a process that is gone', '77 birth-77', 'looked'],
    ['another process with the same pid', '50 birth-of-another', 'looked'],
  ] as const) {
    test(`of ${what} is ${expected === null ? 'kept' : 'taken over'}`, async () => {
      writeFileSync(file, text);
      assert.equal(await run(), expected);
    });
  }

  test('that is torn belongs to a look that begins, or was killed some time ago', async () => {
    writeFileSync(file, '');
    assert.equal(await run(), null);
    const before = new Date(Date.now() - 60_000);
    utimesSync(file, before, before);
    assert.equal(await run(), 'looked');
  });

  test('of a process of which nothing is known is kept', async () => {
    writeFileSync(file, '50 birth-50');
    const births = (): Promise<null> => Promise.resolve(null);
    assert.equal(await alone(dir, { births }, () => Promise.resolve('looked')), null);
  });
});
