import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { execa } from 'execa';

const program = new URL('../../../dist/cli/main.js', import.meta.url).pathname;

test('a script of an earlier version gets no apps, and no error, where no monitor answers', async () => {
  const home = await mkdtemp(join(tmpdir(), 'pl-'));
  try {
    const args = [program, 'completions', 'apps'];
    const ran = await execa(process.execPath, args, { env: { PM2_HOME: home }, all: true });
    assert.deepEqual([ran.exitCode, ran.all], [0, '']);
  } finally {
    await rm(home, { recursive: true });
  }
});
