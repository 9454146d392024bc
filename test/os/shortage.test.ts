import assert from 'node:assert/strict';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { execa } from 'execa';

const STAT = '(a) S 1 1 1 0 -1 4 1 2 3 4 150 50 7 8 20 0 11 0 98765 1 2';

test('a look in which descriptors run out knows nothing, rather than too few', async (t) => {
  const proc = await mkdtemp(join(tmpdir(), 'pl-proc-'));
  t.after(() => rm(proc, { recursive: true, force: true }));
  await writeFile(join(proc, 'stat'), 'btime 5\n');
  for (const pid of [...Array.from({ length: 300 }, (_, at) => at + 1), 'self']) {
    await mkdir(join(proc, String(pid)));
    await writeFile(join(proc, String(pid), 'stat'), `${Number(pid) || 1} ${STAT}`);
  }
  const script = join(import.meta.dirname, 'support/look-without-descriptors.ts');
  const run = `ulimit -n 500 && exec "$0" --import tsx "$@"`;
  const { stdout } = await execa('sh', ['-c', run, process.execPath, script, proc]);
  assert.deepEqual(JSON.parse(stdout), [300, null, null, 2]);
});
