import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import {
  appendFile,
  mkdir,
  mkdtemp,
  realpath,
  rename,
  rm,
  symlink,
  writeFile,
} from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { BoundedFiles } from '../../src/os/bounded-files.ts';
import { systemClock as clock } from '../../src/time/clock.ts';

describe('the files of an app', () => {
  let root: string;
  const files = new BoundedFiles(clock);
  const at = (name: string): string => join(root, name);

  before(async () => {
    root = await realpath(await mkdtemp(join(tmpdir(), 'pl-files-')));
    await mkdir(at('folder'));
    await writeFile(at('a'), 'first\nlast\n');
    await symlink(at('a'), at('link'));
    await symlink(at('nowhere'), at('broken'));
  });
  after(() => rm(root, { recursive: true, force: true }));

  test('have their kind, links followed', async () => {
    for (const [name, kind] of [
      ['a', 'file'],
      ['link', 'file'],
      ['folder', 'folder'],
      ['broken', 'missing'],
      ['nowhere/b', 'missing'],
      ['a/b', 'missing'],
    ] as const)
      assert.equal((await files.mark(at(name)))?.kind, kind, name);
    assert.equal(await files.target(at('link')), at('a'));
    assert.equal(await files.target(at('broken')), null);
  });

  test('have another stamp when they are saved, also by renaming', async () => {
    const stamp = async (): Promise<string | undefined> => (await files.mark(at('s')))?.stamp;
    const missing = await stamp();
    await writeFile(at('s'), 'one');
    const first = await stamp();
    assert.equal(await stamp(), first);
    await appendFile(at('s'), 'two');
    const second = await stamp();
    await writeFile(at('t'), 'onetwo');
    await rename(at('t'), at('s'));
    const third = await stamp();
    assert.equal(new Set([missing, first, second, third]).size, 4);
  });

  test('are read from their end, and only where they are files', async () => {
    assert.equal(await files.text(at('a'), 100), 'first\nlast\n');
    assert.equal(await files.text(at('a'), 5), 'last\n');
    assert.equal(await files.text(at('folder'), 5), null);
    assert.equal(await files.text(at('nowhere'), 5), null);
    assert.equal(await files.text('/dev/zero', 5), null);
  });

  test('where a look is late are left alone until it is over, and take one thread', async () => {
    let [asked, end]: [number, () => void] = [0, () => undefined];
    const hung = (): Promise<string> => {
      asked += 1;
      return new Promise((resolve) => (end = () => resolve('answer')));
    };
    const asking = new BoundedFiles({ ...clock, sleep: async () => undefined });
    assert.equal(await asking.look('/mnt/share/a', hung), null);
    assert.equal(await asking.look('/mnt/share/b', hung), null);
    assert.equal(asked, 1);
    assert.equal(await asking.look(at('a'), async () => 'elsewhere'), 'elsewhere');
    end();
    await new Promise(setImmediate);
    assert.equal(await asking.look('/mnt/share/b', async () => 'again'), 'again');
  });

  test('may be a pipe without a writer: nobody waits for it', { skip: isWindows() }, async () => {
    assert.equal(spawnSync('mkfifo', [at('pipe')]).status, 0);
    assert.equal((await files.mark(at('pipe')))?.kind, 'other');
    assert.equal(await files.text(at('pipe'), 5), null);
  });

  test('may have names of any kind', async () => {
    for (const name of ['a\0b', 'x'.repeat(10_000), '', '../../..'])
      await assert.doesNotReject(() => files.mark(at(name)));
    assert.equal(await files.mark(at('a\0b')), null);
  });

  test('are all seen, however many ask at a time', async () => {
    const marks = await Promise.all(Array.from({ length: 200 }, () => files.mark(at('a'))));
    assert.ok(marks.every((mark) => mark?.kind === 'file'));
  });
});

function isWindows(): boolean {
  return process.platform === 'win32';
}
