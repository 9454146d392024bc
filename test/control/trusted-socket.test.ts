import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import {
  chmodSync,
  chownSync,
  lchownSync,
  mkdirSync,
  mkdtempSync,
  realpathSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { createServer, type Server } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, afterEach, before, describe, test } from 'node:test';
import { requestMonitor, getStatus } from '../../src/control/client.ts';
import { socketPathOf } from '../../src/control/socket-path.ts';
import { distrustOf } from '../../src/control/trusted-socket.ts';

const SOMEBODY = 12_345;
const ROOT_ONLY = { skip: process.getuid?.() !== 0 };

describe('whom a client believes', { skip: process.platform === 'win32' }, () => {
  let root: string;
  let count = 0;
  const servers: Server[] = [];

  before(() => {
    root = realpathSync(mkdtempSync(join(tmpdir(), 'pl-trust-')));
  });

  afterEach(() => {
    for (const server of servers.splice(0)) server.close();
  });

  after(() => rmSync(root, { recursive: true, force: true }));

  /** A PM2_HOME whose control socket says that all is well. */
  async function forged(): Promise<{ home: string; dir: string; path: string }> {
    const home = join(root, String((count += 1)));
    const socket = socketPathOf(home);
    assert.ok(socket.kind === 'socket');
    mkdirSync(socket.dir, { recursive: true, mode: 0o700 });
    const server = createServer((_, response) => void response.end('"all is well"'));
    servers.push(server);
    await new Promise<void>((resolve) => server.listen(socket.path, resolve));
    return { home, dir: socket.dir, path: socket.path };
  }

  const asked = (path: string): Promise<unknown> =>
    requestMonitor(path, 'GET', '/', { timeoutMs: 2_000 });

  async function mustBeRefused(path: string, why: RegExp): Promise<void> {
    assert.match((await distrustOf(path)) ?? '', why);
    const refused = { code: 'ERR_MONITOR', message: /cannot be trusted/ };
    await assert.rejects(asked(path), refused);
    await assert.rejects(getStatus(path, { timeoutMs: 2_000 }), refused);
  }

  test('its own monitor', async () => {
    const { path } = await forged();
    assert.equal(await asked(path), 'all is well');
  });

  test('not who could have come by a folder that is open to others', async () => {
    const { dir, path } = await forged();
    for (const mode of [0o777, 0o770, 0o702]) {
      chmodSync(dir, mode);
      await mustBeRefused(path, /others may write in .*; chmod 700 it/);
    }
    chmodSync(dir, 0o700);
    assert.equal(await asked(path), 'all is well');
  });

  test('not who is behind a link', async () => {
    const { dir, path } = await forged();
    renameSync(dir, `${dir}.real`);
    symlinkSync(`${dir}.real`, dir);
    await mustBeRefused(path, /pm2-liveness is a symbolic link/);
    rmSync(dir);
    mkdirSync(dir, { mode: 0o700 });
    symlinkSync(join(`${dir}.real`, 'control.sock'), path);
    await mustBeRefused(path, /control\.sock is a symbolic link/);
  });

  test('not another user', ROOT_ONLY, async () => {
    const { dir, path } = await forged();
    lchownSync(path, SOMEBODY, SOMEBODY);
    await mustBeRefused(path, /control\.sock belongs to user 12345/);
    lchownSync(path, 0, 0);
    chownSync(dir, SOMEBODY, SOMEBODY);
    await mustBeRefused(path, /pm2-liveness belongs to user 12345, not to you/);
  });

  test('as root that of the user whose PM2_HOME it is', ROOT_ONLY, async () => {
    const { home, dir, path } = await forged();
    for (const each of [home, dir, path]) lchownSync(each, SOMEBODY, SOMEBODY);
    assert.equal(await asked(path), 'all is well');
  });

  test('in /tmp only the owner of the PM2_HOME, for any caller', ROOT_ONLY, async () => {
    const home = join(root, 'x'.repeat(120));
    mkdirSync(home);
    chownSync(home, SOMEBODY, SOMEBODY);
    const socket = socketPathOf(home);
    assert.ok(socket.kind === 'socket');
    assert.match(socket.dir, /^\/tmp\/pm2-liveness-12345-[0-9a-f]{16}$/);
    mkdirSync(socket.dir, { mode: 0o700 });
    try {
      writeFileSync(socket.path, '');
      for (const path of [socket.dir, socket.path]) chownSync(path, SOMEBODY, SOMEBODY);
      assert.equal(await distrustOf(socket.path), null);
      chownSync(socket.dir, 666, 666);
      assert.match((await distrustOf(socket.path)) ?? '', /belongs to user 666/);
    } finally {
      rmSync(socket.dir, { recursive: true });
    }
  });

  test('nobody, and it is said at the command line', ROOT_ONLY, async () => {
    const { home, dir } = await forged();
    chownSync(dir, SOMEBODY, SOMEBODY);
    const program = new URL('../../src/cli/main.ts', import.meta.url).pathname;
    // No server of ours runs while it waits: a trusted listener would block it.
    const { status, stderr } = spawnSync(
      process.execPath,
      ['--import', 'tsx', program, 'resume', 'web'],
      { env: { PATH: '/usr/bin:/bin', PM2_HOME: home }, encoding: 'utf8', timeout: 20_000 },
    );
    assert.equal(status, 1, stderr);
    assert.match(stderr, /cannot be trusted: .* belongs to user 12345, not to you; remove it/);
  });

  test('what no file system knows', async () => {
    assert.equal(await distrustOf('\\\\.\\pipe\\pm2-liveness-0123456789abcdef'), null);
    assert.equal(await distrustOf('\0pm2-liveness'), null);
    assert.equal(await distrustOf(join(root, 'nothing', 'control.sock')), null);
  });
});
