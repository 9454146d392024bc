import assert from 'node:assert/strict';
import { mkdtemp, readdir, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { after, before, test } from 'node:test';
import { nextSnapshotFile, snapshotDir } from '../../../src/diagnosis/heap/snapshot-files.ts';

let home: string;

before(async () => {
  home = await mkdtemp(join(tmpdir(), 'pl-heap-'));
});

after(() => rm(home, { recursive: true }));

test('three snapshots are kept, the newest, and nothing half written; other files stay', async () => {
  const app = { name: '../we b', pid: 7 };
  const first = await nextSnapshotFile(home, app, Date.UTC(2026, 10, 29, 1, 2, 3));
  assert.equal(basename(first), '20261129T010203Z-.._we_b-7.heapsnapshot');
  assert.equal((await stat(snapshotDir(home))).mode & 0o777, 0o700);
  await writeFile(first, '');
  await writeFile(`${first}.part`, '');
  await writeFile(join(snapshotDir(home), 'mine.heapsnapshot'), '');
  for (let minute = 3; minute < 8; minute += 1) {
    const file = await nextSnapshotFile(home, app, Date.UTC(2026, 10, 29, 1, minute));
    const names = await readdir(snapshotDir(home));
    assert.ok(names.length <= 3, `${names.length}`);
    assert.ok(!names.includes(basename(`${first}.part`)));
    await writeFile(file, '');
  }
  assert.deepEqual((await readdir(snapshotDir(home))).toSorted(), [
    '20261129T010500Z-.._we_b-7.heapsnapshot',
    '20261129T010600Z-.._we_b-7.heapsnapshot',
    '20261129T010700Z-.._we_b-7.heapsnapshot',
    'mine.heapsnapshot',
  ]);
});
