import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import {
  chmodSync,
  existsSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  realpathSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  unlinkSync,
  writeFileSync,
} from 'node:fs';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, afterEach, before, describe, test } from 'node:test';
import { requestMonitor } from '../../src/control/client.ts';
import { claimIn, type Claim } from '../../src/leader/claim.ts';
import type { Lease } from '../../src/leader/lease.ts';
import { SocketLease } from '../../src/leader/socket-lease.ts';
import { tryAcquire, waitToLead, type LockDeps } from '../../src/leader/lock.ts';
import { socketPathOf, type SocketPath } from '../../src/control/socket-path.ts';
import { createControlServer } from '../../src/control/server.ts';
import { UnseenHolder } from '../../src/leader/unseen-holder.ts';
import { systemClock as clock } from '../../src/time/clock.ts';
import { DiskQueue } from '../../src/time/disk-queue.ts';
import { FakeClock } from '../support/fake-clock.ts';
import { gate } from '../support/gate.ts';
import { until } from '../support/until.ts';

/** Leaves a socket that nobody listens on. */
const DIE_LISTENING = `require('net').createServer().listen(process.argv[1], () => process.kill(process.pid, 'SIGKILL'))`;

describe('the lock', { skip: process.platform === 'win32' }, () => {
  let root: string;
  let homes = 0;
  const held: Lease[] = [];

  before(() => {
    root = realpathSync(mkdtempSync(join(tmpdir(), 'pl-')));
  });

  afterEach(async () => {
    await Promise.all(held.splice(0).map((one) => one.release()));
  });

  after(() => rmSync(root, { recursive: true, force: true }));

  function home(): string {
    const path = join(root, String((homes += 1)));
    mkdirSync(path);
    return path;
  }

  function options(socket: SocketPath, says: unknown = 'me'): LockDeps {
    const routes = new Map([['GET /who', () => says]]);
    return { socket, clock, openServer: () => createControlServer(routes) };
  }

  async function take(socket: SocketPath, says?: unknown): Promise<Lease | null> {
    const taken = await tryAcquire(options(socket, says));
    if (taken) held.push(taken);
    return taken;
  }

  const who = (socket: SocketPath): Promise<unknown> =>
    requestMonitor(socket.path, 'GET', '/who', { timeoutMs: 2_000 });

  test('is had by one, and by the next once it was released', async () => {
    const socket = socketPathOf(home());
    const first = await take(socket, 'first');
    assert.ok(first);
    assert.equal(await take(socket), null);
    assert.equal(await who(socket), 'first');
    await first.release();
    await first.release();
    assert.equal(existsSync(socket.path), false);
    assert.ok(await take(socket, 'second'));
    assert.equal(await who(socket), 'second');
  });

  test('is one, for any path to PM2_HOME', async () => {
    const real = home();
    const link = join(root, 'link');
    symlinkSync(real, link);
    assert.ok(await take(socketPathOf(real)));
    assert.equal(await take(socketPathOf(link)), null);
  });

  test('lets nobody in but its owner', async () => {
    const at = home();
    mkdirSync(join(at, 'pm2-liveness'), { mode: 0o777 });
    chmodSync(join(at, 'pm2-liveness'), 0o777);
    const socket = socketPathOf(at);
    assert.ok(await take(socket));
    assert.equal(statSync(join(at, 'pm2-liveness')).mode & 0o777, 0o700);
    for (const name of readdirSync(join(at, 'pm2-liveness'))) {
      const found = lstatSync(join(at, 'pm2-liveness', name));
      assert.ok(found.isSocket(), name);
      assert.equal(found.mode & 0o777, 0o600, name);
    }
  });

  test('replaces what dead holders left, and keeps no pile of it', async () => {
    const at = home();
    const socket = socketPathOf(at);
    for (let i = 0; i < 30; i += 1) {
      const one = await take(socket);
      assert.ok(one, `try ${i}`);
      await one.release();
    }
    assert.ok(readdirSync(join(at, 'pm2-liveness')).length <= 10);
  });

  for (const name of ['control.sock', 'lock.5']) {
    test(`refuses a foreign ${name}, and leaves it alone`, async () => {
      const at = home();
      const socket = socketPathOf(at);
      mkdirSync(join(at, 'pm2-liveness'));
      const path = join(at, 'pm2-liveness', name);
      const refused = {
        code: 'ERR_STORE',
        message: `${path}: the monitor did not make this file; move it away`,
      };
      writeFileSync(path, 'mine');
      await assert.rejects(take(socket), refused);
      assert.equal(readFileSync(path, 'utf8'), 'mine');
      unlinkSync(path);
      mkdirSync(path);
      await assert.rejects(take(socket), refused);
      rmSync(path, { recursive: true });
      symlinkSync('/dev/null', path);
      await assert.rejects(take(socket), refused);
      assert.ok(lstatSync(path).isSymbolicLink());
      unlinkSync(path);
      assert.ok(await take(socket));
    });
  }

  test('refuses a file or a link where its folder should be', async () => {
    const at = home();
    const dir = join(at, 'pm2-liveness');
    writeFileSync(dir, '');
    await assert.rejects(take(socketPathOf(at)), {
      code: 'ERR_STORE',
      message: /the monitor needs a folder of its own/,
    });
    unlinkSync(dir);
    mkdirSync(join(at, 'elsewhere'));
    symlinkSync(join(at, 'elsewhere'), dir);
    await assert.rejects(take(socketPathOf(at)), { code: 'ERR_STORE', message: /a symbolic link/ });
  });

  test('of a long PM2_HOME is in a short private folder', async () => {
    const at = join(home(), 'x'.repeat(120));
    mkdirSync(at);
    const socket = socketPathOf(at);
    assert.ok(socket.kind === 'socket' && socket.isShared);
    assert.match(socket.dir, /^\/tmp\/pm2-liveness-\d+-[0-9a-f]{16}$/);
    try {
      assert.ok(await take(socket, 'long'));
      assert.equal(statSync(socket.dir).mode & 0o777, 0o700);
      assert.equal(await who(socket), 'long');
    } finally {
      await held[0]?.release();
      rmSync(socket.dir, { recursive: true, force: true });
    }
  });

  test(
    'under /tmp refuses a folder of another user',
    { skip: process.getuid?.() !== 0 },
    async () => {
      const dir = mkdtempSync('/tmp/pl-other-');
      const { chownSync } = await import('node:fs');
      chownSync(dir, 12_345, 12_345);
      const socket = {
        kind: 'socket',
        dir,
        path: join(dir, 'control.sock'),
        isShared: true,
      } as const;
      await assert.rejects(take(socket), { code: 'ERR_STORE', message: /belongs to user 12345/ });
      rmSync(dir, { recursive: true });
    },
  );

  /** What takes the folder of the lock away, in all the ways that somebody can. */
  const LOSSES: Readonly<Record<string, (dir: string) => void>> = {
    'its folder is removed': (dir) => rmSync(dir, { recursive: true }),
    'its folder is moved away': (dir) => renameSync(dir, `${dir}.away`),
    'its folder is emptied': (dir) => {
      for (const name of readdirSync(dir)) unlinkSync(join(dir, name));
    },
    'an older copy of its folder takes the place': (dir) => {
      renameSync(dir, `${dir}.away`);
      mkdirSync(dir);
      spawnSync(process.execPath, ['-e', DIE_LISTENING, join(dir, 'lock.7')]);
    },
    'its claim is removed': (dir) => {
      for (const name of readdirSync(dir)) if (name !== 'control.sock') unlinkSync(join(dir, name));
    },
  };

  for (const [what, lose] of Object.entries(LOSSES)) {
    test(`is had again where ${what}`, async () => {
      const socket = socketPathOf(home());
      assert.ok(socket.kind === 'socket');
      const first = await take(socket, 'first');
      assert.ok(first);
      lose(socket.dir);
      assert.equal(await first.check(), true);
      assert.equal(first.lost.aborted, false);
      assert.equal(first.trouble, null);
      assert.equal(await who(socket), 'first');
      assert.equal(statSync(socket.dir).mode & 0o777, 0o700);
      assert.equal(await take(socket), null, 'a second one is kept out');
    });
  }

  test('is not lost while somebody still removes its folder', async () => {
    const socket = socketPathOf(home());
    assert.ok(socket.kind === 'socket');
    const { dir } = socket;
    mkdirSync(dir);
    const opened = (): ReturnType<typeof createControlServer> => createControlServer(new Map());
    const claim = await claimIn(dir, opened, null);
    assert.ok(claim);
    const told: string[] = [];
    const tries: (() => Promise<Claim | null>)[] = [
      // What it claims is removed before it looks again.
      () => Promise.resolve(null),
      () => claimIn(dir, opened, null),
    ];
    const lease = new SocketLease({
      socket,
      claim,
      disk: new DiskQueue(clock),
      tell: (news) => told.push(news),
      again: () => tries.shift()?.() ?? assert.fail('once too often'),
    });
    held.push(lease);
    for (const name of readdirSync(dir)) unlinkSync(join(dir, name));
    assert.equal(await lease.check(), true);
    assert.match(lease.trouble ?? '', /its files change while the monitor reads them/);
    assert.equal(await lease.check(), true);
    assert.equal(lease.trouble, null);
    assert.equal(lease.lost.aborted, false);
    assert.deepEqual(told, ['trouble', 'locked']);
  });

  test('is lost to a live one with a claim', async () => {
    const socket = socketPathOf(home());
    assert.ok(socket.kind === 'socket');
    const first = await take(socket);
    assert.ok(first);
    rmSync(socket.dir, { recursive: true });
    // Without the look for a holder whose claim is gone.
    assert.ok(await take(socket, 'second'));
    await until('it is lost', () => first.lost.aborted, { withinMs: 3_000 });
    assert.equal(await first.check(), false);
    assert.equal(await who(socket), 'second');
  });

  for (const [what, put] of [
    ['a file', (dir: string) => writeFileSync(dir, '')],
    ['a link', (dir: string) => symlinkSync(`${dir}.away`, dir)],
  ] as const) {
    test(`leads on without it while ${what} is in its place, and has it again after`, async () => {
      const socket = socketPathOf(home());
      assert.ok(socket.kind === 'socket');
      const told: string[] = [];
      const first = await tryAcquire({ ...options(socket), tell: (news) => told.push(news) });
      assert.ok(first);
      held.push(first);
      const stopping = new AbortController();
      let tries = 0;
      const standby = waitToLead({
        ...options(socket),
        openServer: () => assert.fail('nothing is bound'),
        clock: {
          ...clock,
          sleep: (ms, signal) => {
            tries += 1;
            return clock.sleep(ms, signal);
          },
        },
        signal: stopping.signal,
        tell: () => undefined,
        everyMs: 1,
        mostFailures: 3,
      });
      renameSync(socket.dir, `${socket.dir}.away`);
      put(socket.dir);
      assert.equal(await first.check(), true);
      assert.match(first.trouble ?? '', /pm2-liveness: .*folder/);
      if (process.platform === 'linux') {
        const from = tries;
        await until('a standby has tried often', () => tries > from + 50);
      }
      stopping.abort();
      assert.equal(await standby, null, 'nobody leads beside it');
      unlinkSync(socket.dir);
      assert.equal(await first.check(), true);
      assert.equal(first.trouble, null);
      assert.deepEqual(told, ['trouble', 'locked']);
    });
  }

  test(
    'keeps a standby out whose folder is gone',
    { skip: process.platform !== 'linux' },
    async () => {
      const socket = socketPathOf(home());
      assert.ok(socket.kind === 'socket');
      const first = await take(socket, 'first');
      assert.ok(first);
      const led: unknown[] = [];
      const stopping = new AbortController();
      const told: string[] = [];
      const waiting = waitToLead({
        ...options(socket, 'second'),
        signal: stopping.signal,
        tell: (news) => told.push(news),
        everyMs: 1,
      }).then((one) => led.push(one));
      await until('it stands by', () => told.includes('standby'));
      for (let round = 0; round < 5; round += 1) {
        rmSync(socket.dir, { recursive: true, force: true });
        await until('the first has it again', async () => (await who(socket)) === 'first');
      }
      assert.deepEqual(led, []);
      assert.equal(first.lost.aborted, false);
      stopping.abort();
      await waiting;
    },
  );

  test('waits for a holder without a claim, but not forever', async () => {
    const fake = new FakeClock();
    const sockets = join(home(), 'unix');
    const listening = (flags: string, path: string): string =>
      `0000000000000000: 00000002 00000000 ${flags} 0001 01 12345 ${path}\n`;
    writeFileSync(sockets, listening('00000000', '/h/pm2-liveness/new.1'));
    const unseen = new UnseenHolder('/h/pm2-liveness', fake, sockets);
    assert.equal(await unseen.mustWait(), false, 'it does not listen');
    writeFileSync(sockets, listening('00010000', '/h/pm2-liveness-2/new.1'));
    assert.equal(await unseen.mustWait(), false, 'of another folder');
    writeFileSync(sockets, listening('00010000', '/h/pm2-liveness/new.1'));
    assert.equal(await unseen.mustWait(), true);
    await fake.pass(4_999);
    assert.equal(await unseen.mustWait(), true);
    await fake.pass(1);
    assert.equal(await unseen.mustWait(), false);
    rmSync(sockets);
    assert.equal(await new UnseenHolder('/h', fake, sockets).mustWait(), false, 'no such file');
  });

  test('of a disk that hangs is given up in time, and never held by nobody', async () => {
    const socket = socketPathOf(home());
    const fake = new FakeClock();
    const disk = new DiskQueue(fake);
    const hang = gate();
    const before = disk.run(() => hang.opened);
    const told: string[] = [];
    const waiting = waitToLead({
      ...options(socket),
      clock: fake,
      disk,
      signal: new AbortController().signal,
      tell: (news) => told.push(news),
    });
    await until('it leads without the lock', async () => {
      await fake.pass(250);
      return (await Promise.race([waiting, Promise.resolve(null)])) !== null;
    });
    await assert.rejects(before, /did not answer/);
    assert.deepEqual(told, ['trouble']);
    const unlocked = await waiting;
    if (unlocked) held.push(unlocked);
    assert.ok(fake.now() < 12_000, `${fake.now()} ms`);
    assert.match(unlocked?.trouble ?? '', /the disk did not answer within 2000 ms/);
    hang.open();
    await until('it has the lock after all', async () => {
      await fake.pass(1_000);
      return unlocked?.trouble === null;
    });
    assert.equal(unlocked?.lost.aborted, false);
  });

  test('puts its socket back where somebody removed it', async () => {
    const socket = socketPathOf(home());
    assert.ok(await take(socket, 'here'));
    unlinkSync(socket.path);
    await until('it is back', () => existsSync(socket.path), { withinMs: 3_000 });
    assert.equal(await who(socket), 'here');
  });

  test('is waited for, reported once, and the wait ends on a signal', async () => {
    const socket = socketPathOf(home());
    const first = await take(socket);
    const told: string[] = [];
    const stopping = new AbortController();
    const wait = waitToLead({
      ...options(socket, 'second'),
      signal: stopping.signal,
      tell: (news) => told.push(news),
      everyMs: 10,
    });
    await until('it stands by', () => told.length > 0);
    await first?.release();
    const second = await wait;
    assert.ok(second);
    held.push(second);
    assert.deepEqual(told, ['standby']);
    assert.equal(await who(socket), 'second');
    const third = waitToLead({
      ...options(socket),
      signal: stopping.signal,
      tell: () => undefined,
    });
    stopping.abort();
    assert.equal(await third, null);
  });

  test('with a problem is tried again until the problem is over', async () => {
    const at = home();
    writeFileSync(join(at, 'pm2-liveness'), '');
    const told: string[] = [];
    const wait = waitToLead({
      ...options(socketPathOf(at)),
      signal: new AbortController().signal,
      tell: (news, message) => told.push(`${news} ${message}`),
      everyMs: 10,
      mostFailures: 1_000,
    });
    await until('it is told', () => told.length > 0);
    unlinkSync(join(at, 'pm2-liveness'));
    const taken = await wait;
    assert.ok(taken);
    held.push(taken);
    // Said once each, not at every try; the way may be freed in the middle of one.
    assert.equal(new Set(told).size, told.length);
    assert.match(told[0] ?? '', /^trouble cannot take the lock: .*pm2-liveness/);
  });

  test('of Windows is a named pipe, which the system keeps single', async () => {
    const machine = { platform: 'win32', uid: undefined } as const;
    const pipe = socketPathOf(home(), machine);
    assert.equal(pipe.kind, 'pipe');
    assert.match(pipe.path, /^\\\\\.\\pipe\\pm2-liveness-[0-9a-f]{16}$/);
    if (process.platform !== 'linux') return;
    // Linux has sockets of the same nature, without a file.
    const socket: SocketPath = { kind: 'pipe', path: `\0pm2-liveness-test-${process.pid}` };
    const first = await take(socket);
    assert.ok(first);
    assert.equal(await take(socket), null);
    await first.release();
    assert.ok(await take(socket));
  });

  test('does not take a server that listens nowhere for a holder', async () => {
    const at = home();
    mkdirSync(join(at, 'pm2-liveness'));
    // What a server leaves that was killed: a socket file nobody listens on.
    const server = createServer();
    const path = join(at, 'pm2-liveness', 'lock.7');
    await new Promise<void>((resolve) => server.listen(join(at, 'x'), resolve));
    const { linkSync } = await import('node:fs');
    linkSync(join(at, 'x'), path);
    linkSync(join(at, 'x'), join(at, 'pm2-liveness', 'control.sock'));
    assert.equal(await take(socketPathOf(at)), null);
    await new Promise((resolve) => server.close(resolve));
    assert.ok(await take(socketPathOf(at), 'after'));
    assert.equal(await who(socketPathOf(at)), 'after');
  });
});
