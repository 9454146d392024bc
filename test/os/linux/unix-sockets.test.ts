import assert from 'node:assert/strict';
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, realpath, rm, symlink, unlink, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test, type TestContext } from 'node:test';
import { LinuxReader } from '../../../src/os/linux/reader.ts';
import { parseUnixSocket } from '../../../src/os/linux/unix-sockets.ts';
import { systemClock } from '../../../src/time/clock.ts';

describe('a line of /proc/net/unix', () => {
  const line = (flags: string, path: string): string =>
    `0000000000000000: 00000002 00000000 ${flags} 0001 01 35213 ${path}`;

  test('of a listener has a path and an id', () => {
    const wanted = { path: '/run/a b.sock', id: '35213' };
    assert.deepEqual(parseUnixSocket(line('00010000', '/run/a b.sock')), wanted);
  });

  test('of anything else is nothing', () => {
    for (const other of [
      'Num       RefCount Protocol Flags    Type St Inode Path',
      line('00000000', '/run/a.sock'),
      line('00010000', '@abstract'),
      '0000000000000000: 00000002 00000000 00010000 0001 01 35213',
      '0000000000000000: 00000002 00000000 00010000 0002 01 35213 /dev/log',
      '',
    ]) {
      assert.equal(parseUnixSocket(other), null, other);
    }
  });
});

describe('who listens on a Unix socket', { skip: process.platform !== 'linux' }, () => {
  let dir = '';
  before(async () => {
    dir = await realpath(await mkdtemp(join(tmpdir(), 'pl-u-')));
    const code = `require('node:net').createServer().listen(process.argv[2], () => process.send('up'))`;
    await writeFile(join(dir, 'server.cjs'), code);
  });
  after(() => rm(dir, { recursive: true, force: true }));

  /** A program of its own in `dir` that listens at `path`. */
  const listener = async (t: TestContext, path: string): Promise<number> => {
    const child = fork(join(dir, 'server.cjs'), [path], { cwd: dir, execArgv: [] });
    t.after(() => child.kill('SIGKILL'));
    await once(child, 'message');
    return child.pid ?? 0;
  };
  const reader = new LinuxReader(systemClock);

  test('is the process that has it, also by another name of its folder', async (t) => {
    const path = join(dir, 'api.sock');
    const pid = await listener(t, path);
    assert.deepEqual(await reader.unix.listenersAt(path), [
      { address: path, port: 0, pids: [pid] },
    ]);
    await symlink(dir, `${dir}-link`);
    t.after(() => unlink(`${dir}-link`));
    const byLink = join(`${dir}-link`, 'api.sock');
    const found = await reader.unix.listenersAt(byLink, [pid]);
    assert.deepEqual(found, [{ address: byLink, port: 0, pids: [pid] }]);
  });

  test('is found where the program gave a relative path', async (t) => {
    const pid = await listener(t, './near.sock');
    const path = join(dir, 'near.sock');
    assert.deepEqual(await reader.unix.listenersAt(path), [
      { address: path, port: 0, pids: [pid] },
    ]);
  });

  test('is found by its pid, with the whole path, and not once its file is gone', async (t) => {
    const [first, second] = [await listener(t, join(dir, 'p.sock')), await listener(t, './q.sock')];
    assert.deepEqual(await reader.unix.pathsOf([first, second]), [
      join(dir, 'p.sock'),
      join(dir, 'q.sock'),
    ]);
    await unlink(join(dir, 'p.sock'));
    assert.deepEqual(await reader.unix.pathsOf([first]), []);
    assert.deepEqual(await reader.unix.pathsOf([process.pid]), []);
  });

  test('is nobody elsewhere, and at a path that nobody has', async (t) => {
    const other = createServer().listen(join(dir, 'other.sock'));
    await once(other, 'listening');
    t.after(() => other.close());
    assert.deepEqual(await reader.unix.listenersAt('/elsewhere/other.sock'), []);
    assert.deepEqual(await reader.unix.listenersAt(join(dir, 'none.sock')), []);
    assert.deepEqual(await reader.unix.idsAt(join(dir, 'none.sock'), 0), []);
  });

  test('has another id after another program took the path over', async (t) => {
    const path = join(dir, 'taken.sock');
    await listener(t, path);
    const before = await reader.unix.idsAt(path, 0);
    assert.equal(before?.length, 1);
    await unlink(path);
    await listener(t, path);
    const later = await reader.unix.idsAt(path, 0);
    assert.equal(later?.length, 2);
  });
});
