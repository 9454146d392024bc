import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { readLogTail } from '../../src/os/log-tail.ts';

describe('the end of a log', () => {
  let root: string;

  before(() => {
    root = mkdtempSync(join(tmpdir(), 'pl-tail-'));
  });

  after(() => rmSync(root, { recursive: true, force: true }));

  async function tailOf(text: string): Promise<readonly string[] | undefined> {
    const path = join(root, 'error.log');
    writeFileSync(path, text);
    return (await readLogTail(path))?.lines;
  }

  test('is its last ten lines that are not blank', async () => {
    const text = Array.from({ length: 14 }, (_, index) => `line ${index}\n\n`).join('');
    const lines = await tailOf(text);
    assert.equal(lines?.length, 10);
    assert.deepEqual([lines[0], lines.at(-1)], ['line 4', 'line 13']);
  });

  test('holds nothing that a terminal obeys, and no endless line', async () => {
    const lines = await tailOf(`\u001B[31mred\u001B[0m\u0007\u202Eevil\r\n${'y'.repeat(5_000)}`);
    assert.equal(lines?.[0], 'red evil');
    assert.equal(lines?.[1]?.length, 200);
  });

  test('of a large file only the end is read, from a whole line on', async () => {
    const lines = await tailOf(`${'early\n'.repeat(100_000)}last`);
    assert.deepEqual([...new Set(lines)], ['early', 'last']);
  });

  test('shows when it was written, and is null where there is nothing', async () => {
    const path = join(root, 'old.log');
    writeFileSync(path, 'x');
    utimesSync(path, 1_000, 1_000);
    assert.equal((await readLogTail(path))?.writtenAt, 1_000_000);
    assert.equal(await readLogTail(join(root, 'none.log')), null);
    assert.equal(await readLogTail(root), null);
    assert.equal(await tailOf(' \n\n'), undefined);
  });

  test(
    'does not wait for a pipe that nobody writes to',
    { skip: process.platform === 'win32' },
    async () => {
      const path = join(root, 'pipe');
      execFileSync('mkfifo', [path]);
      assert.equal(await readLogTail(path), null);
    },
  );
});
