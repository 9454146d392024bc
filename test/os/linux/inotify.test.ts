import assert from 'node:assert/strict';
import { mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { watch } from 'node:fs';
import { tmpdir, userInfo } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { readInotifyUse } from '../../../src/os/linux/inotify.ts';

describe('what is used of the file watchers', () => {
  let proc: string;

  before(async () => {
    proc = await mkdtemp(join(tmpdir(), 'pl-proc-'));
    await mkdir(join(proc, 'sys/fs/inotify'), { recursive: true });
    await writeFile(join(proc, 'sys/fs/inotify/max_user_watches'), '8192\n');
    await writeFile(join(proc, 'sys/fs/inotify/max_user_instances'), '128\n');
    await addProcess(10, 1_000, [2, 3]);
    await addProcess(11, 1_000, [1]);
    await addProcess(12, 0, [50]);
  });

  after(() => rm(proc, { recursive: true }));

  async function addProcess(pid: number, uid: number, watches: readonly number[]): Promise<void> {
    const folder = join(proc, String(pid));
    await mkdir(join(folder, 'fd'), { recursive: true });
    await mkdir(join(folder, 'fdinfo'));
    await writeFile(join(folder, 'status'), `Name:\tnode\nUid:\t${uid}\t${uid}\t${uid}\t${uid}\n`);
    await symlink('/dev/null', join(folder, 'fd/0'));
    for (const [at, count] of watches.entries()) {
      await symlink('anon_inode:inotify', join(folder, `fd/${at + 5}`));
      const lines = Array.from({ length: count }, (_, wd) => `inotify wd:${wd} ino:1 mask:fc6\n`);
      await writeFile(join(folder, `fdinfo/${at + 5}`), `pos:\t0\n${lines.join('')}`);
    }
  }

  test('is counted over all processes of the user, and of no other', async () => {
    assert.deepEqual(await readInotifyUse(1_000, proc), {
      watches: { used: 6, limit: 8_192 },
      instances: { used: 3, limit: 128 },
    });
  });

  test('is not known where there are no limits', async () => {
    assert.equal(await readInotifyUse(1_000, join(proc, 'nowhere')), null);
  });

  test('counts our own on this machine', { skip: process.platform !== 'linux' }, async () => {
    const watchers = ['10', 'sys'].map((name) => watch(join(proc, name)));
    const use = await readInotifyUse(userInfo().uid);
    for (const watcher of watchers) watcher.close();
    assert.ok(use !== null);
    assert.ok(use.watches.used >= 2, String(use.watches.used));
    assert.ok(use.instances.used >= 1);
    assert.ok(use.watches.limit > 0);
  });
});
