import assert from 'node:assert/strict';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { catchesSignal } from '../../../src/os/linux/caught-signals.ts';

test('a signal is caught where the mask of the process says so, and nowhere else', async () => {
  const root = await mkdtemp(join(tmpdir(), 'pl-'));
  const masks = { 1: '0000000000000200', 2: 'fffffffffffffdff', 3: 'nothing', 4: '' };
  for (const [pid, mask] of Object.entries(masks)) {
    await mkdir(join(root, pid));
    await writeFile(join(root, pid, 'status'), `Name:\tx\nSigCgt:\t${mask}\nCapInh:\t0\n`);
  }
  const caught = await Promise.all([1, 2, 3, 4, 5].map((pid) => catchesSignal(pid, 10, root)));
  assert.deepEqual(caught, [true, false, false, false, false]);
  await rm(root, { recursive: true });
});
