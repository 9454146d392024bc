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
import { ask } from '../../src/control/client.ts';
import { claimIn, type Claim } from '../../src/leader/claim.ts';
import type { Held } from '../../src/leader/lease.ts';
import { HeldSocket } from '../../src/leader/socket-lease.ts';
import { tryAcquire, waitToLead, type LockOptions } from '../../src/leader/lock.ts';
import { placeOf, type Place } from '../../src/control/socket-path.ts';
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
  const held: Held[] = [];

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

  function options(place: Place, says: unknown = 'me'): LockOptions {
    const routes = new Map([['GET /who', () => says]]);
    return { place, clock, openServer: () => createControlServer(routes) };
  }

  async function take(place: Place, says?: unknown): Promise<Held | null> {
    const taken = await tryAcquire(options(place, says));
    if (taken) held.push(taken);
    return taken;
  }

  const who = (place: Place): Promise<unknown> =>
    ask(place.path, 'GET', '/who', { timeoutMs: 2_000 });

  test('is had by one, and by the next once it was released', async () => {
    const place = placeOf(home());
    const first = await take(place, 'first');
    assert.ok(first);
    assert.equal(await take(place), null);
    assert.equal(await who(place), 'first');
    await first.release();
    await first.release();
    assert.equal(existsSync(place.path), false);
    assert.ok(await take(place, 'second'));
    assert.equal(await who(place), 'second');
  });

  test('is one, whichever way leads to PM2_HOME', async () => {
    const real = home();
    const link = join(root, 'link');
    symlinkSync(real, link);
    assert.ok(await take(placeOf(real)));
    assert.equal(await take(placeOf(link)), null);
  });

  test('lets nobody in but its owner', async () => {
    const at = home();
    mkdirSync(join(at, 'pm2-liveness'), { mode: 0o777 });
    chmodSync(join(at, 'pm2-liveness'), 0o777);
    const place = placeOf(at);
    assert.ok(await take(place));
    assert.equal(statSync(join(at, 'pm2-liveness')).mode & 0o777, 0o700);
    for (const name of readdirSync(join(at, 'pm2-liveness'))) {
      const found = lstatSync(join(at, 'pm2-liveness', name));
      assert.ok(found.isSocket(), name);
      assert.equal(found.mode & 0o777, 0o600, name);
    }
  });

  test('replaces what dead holders left, and keeps no pile of it', async () => {
    const at = home();
    const place = placeOf(at);
    for (let i = 0; i < 30; i += 1) {
      const one = await take(place);
      assert.ok(one, `try ${i}`);
      await one.release();
    }
    assert.ok(readdirSync(join(at, 'pm2-liveness')).length <= 10);
  });

  for (const name of ['control.sock', 'lock.5']) {
    test(`refuses a foreign ${name}, and leaves it alone`, async () => {
      const at = home();
      const place = placeOf(at);
      mkdirSync(join(at, 'pm2-liveness'));
      const path = join(at, 'pm2-liveness', name);
      const refused = {
        code: 'ERR_STORE',
        message: `${path}: got something that is no socket of ours; move it away`,
      };
      writeFileSync(path, 'mine');
      await assert.rejects(take(place), refused);
      assert.equal(readFileSync(path, 'utf8'), 'mine');
      unlinkSync(path);
      mkdirSync(path);
      await assert.rejects(take(place), refused);
      rmSync(path, { recursive: true });
      symlinkSync('/dev/null', path);
      await assert.rejects(take(place), refused);
      assert.ok(lstatSync(path).isSymbolicLink());
      unlinkSync(path);
      assert.ok(await take(place));
    });
  }

  test('refuses a file or a link where its folder should be', async () => {
    const at = home();
    const dir = join(at, 'pm2-liveness');
    writeFileSync(dir, '');
    await assert.rejects(take(placeOf(at)), { code: 'ERR_STORE', message: /folder of our own/ });
    unlinkSync(dir);
    mkdirSync(join(at, 'elsewhere'));
    symlinkSync(join(at, 'elsewhere'), dir);
    await assert.rejects(take(placeOf(at)), { code: 'ERR_STORE', message: /a symbolic link/ });
  });

  test('of a long PM2_HOME stands in a short private folder', async () => {
    const at = join(home(), 'x'.repeat(120));
    mkdirSync(at);
    const place = placeOf(at);
    assert.ok(place.kind === 'socket' && place.isShared);
    assert.match(place.dir, /^\/tmp\/pm2-liveness-\d+-[0-9a-f]{16}$/);
    try {
      assert.ok(await take(place, 'long'));
      assert.equal(statSync(place.dir).mode & 0o777, 0o700);
      assert.equal(await who(place), 'long');
    } finally {
      await held[0]?.release();
      rmSync(place.dir, { recursive: true, force: true });
    }
  });

  test(
    'under /tmp refuses a folder of another user',
    { skip: process.getuid?.() !== 0 },
    async () => {
      const dir = mkdtempSync('/tmp/pl-other-');
      const { chownSync } = await import('node:fs');
      chownSync(dir, 12_345, 12_345);
      const place = {
        kind: 'socket',
        dir,
        path: join(dir, 'control.sock'),
        isShared: true,
      } as const;
      await assert.rejects(take(place), { code: 'ERR_STORE', message: /belongs to user 12345/ });
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
      const place = placeOf(home());
      assert.ok(place.kind === 'socket');
      const first = await take(place, 'first');
      assert.ok(first);
      lose(place.dir);
      assert.equal(await first.check(), true);
      assert.equal(first.lost.aborted, false);
      assert.equal(first.trouble, null);
      assert.equal(await who(place), 'first');
      assert.equal(statSync(place.dir).mode & 0o777, 0o700);
      assert.equal(await take(place), null, 'a second one is kept out');
    });
  }

  test('is not lost to whoever still removes its folder', async () => {
    const place = placeOf(home());
    assert.ok(place.kind === 'socket');
    const { dir } = place;
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
    const socket = new HeldSocket({
      place,
      claim,
      disk: new DiskQueue(clock),
      tell: (news) => told.push(news),
      again: () => tries.shift()?.() ?? assert.fail('once too often'),
    });
    held.push(socket);
    for (const name of readdirSync(dir)) unlinkSync(join(dir, name));
    assert.equal(await socket.check(), true);
    assert.match(socket.trouble ?? '', /its files change while we look/);
    assert.equal(await socket.check(), true);
    assert.equal(socket.trouble, null);
    assert.equal(socket.lost.aborted, false);
    assert.deepEqual(told, ['trouble', 'locked']);
  });

  test('is lost to another that lives and has a claim', async () => {
    const place = placeOf(home());
    assert.ok(place.kind === 'socket');
    const first = await take(place);
    assert.ok(first);
    rmSync(place.dir, { recursive: true });
    // Without the look for a holder whose claim is gone.
    assert.ok(await take(place, 'second'));
    await until('it is lost', () => first.lost.aborted, { withinMs: 3_000 });
    assert.equal(await first.check(), false);
    assert.equal(await who(place), 'second');
  });

  for (const [what, put] of [
    ['a file', (dir: string) => writeFileSync(dir, '')],
    ['a link', (dir: string) => symlinkSync(`${dir}.away`, dir)],
  ] as const) {
    test(`leads on without it while ${what} is in its place, and has it again after`, async () => {
      const place = placeOf(home());
      assert.ok(place.kind === 'socket');
      const told: string[] = [];
      const first = await tryAcquire({ ...options(place), tell: (news) => told.push(news) });
      assert.ok(first);
      held.push(first);
      const stopping = new AbortController();
      let tries = 0;
      const standby = waitToLead({
        ...options(place),
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
      renameSync(place.dir, `${place.dir}.away`);
      put(place.dir);
      assert.equal(await first.check(), true);
      assert.match(first.trouble ?? '', /pm2-liveness: .*folder/);
      if (process.platform === 'linux') {
        const from = tries;
        await until('a standby has tried often', () => tries > from + 50);
      }
      stopping.abort();
      assert.equal(await standby, null, 'nobody leads beside it');
      unlinkSync(place.dir);
      assert.equal(await first.check(), true);
      assert.equal(first.trouble, null);
      assert.deepEqual(told, ['trouble', 'locked']);
    });
  }

  test(
    'keeps a standby out whose folder is gone',
    { skip: process.platform !== 'linux' },
    async () => {
      const place = placeOf(home());
      assert.ok(place.kind === 'socket');
      const first = await take(place, 'first');
      assert.ok(first);
      const led: unknown[] = [];
      const stopping = new AbortController();
      const told: string[] = [];
      const waiting = waitToLead({
        ...options(place, 'second'),
        signal: stopping.signal,
        tell: (news) => told.push(news),
        everyMs: 1,
      }).then((one) => led.push(one));
      await until('it stands by', () => told.includes('standby'));
      for (let round = 0; round < 5; round += 1) {
        rmSync(place.dir, { recursive: true, force: true });
        await until('the first has it again', async () => (await who(place)) === 'first');
      }
      assert.deepEqual(led, []);
      assert.equal(first.lost.aborted, false);
      stopping.abort();
      await waiting;
    },
  );

  test('waits for a holder without a claim, and not for ever', async () => {
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
    const place = placeOf(home());
    const fake = new FakeClock();
    const disk = new DiskQueue(fake);
    const hang = gate();
    const before = disk.run(() => hang.opened);
    const told: string[] = [];
    const waiting = waitToLead({
      ...options(place),
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
    const place = placeOf(home());
    assert.ok(await take(place, 'here'));
    unlinkSync(place.path);
    await until('it is back', () => existsSync(place.path), { withinMs: 3_000 });
    assert.equal(await who(place), 'here');
  });

  test('is waited for, is told once, and the wait ends on a signal', async () => {
    const place = placeOf(home());
    const first = await take(place);
    const told: string[] = [];
    const stopping = new AbortController();
    const wait = waitToLead({
      ...options(place, 'second'),
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
    assert.equal(await who(place), 'second');
    const third = waitToLead({ ...options(place), signal: stopping.signal, tell: () => undefined });
    stopping.abort();
    assert.equal(await third, null);
  });

  test('in trouble is tried again until the trouble is over', async () => {
    const at = home();
    writeFileSync(join(at, 'pm2-liveness'), '');
    const told: string[] = [];
    const wait = waitToLead({
      ...options(placeOf(at)),
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
    const pipe = placeOf(home(), machine);
    assert.equal(pipe.kind, 'pipe');
    assert.match(pipe.path, /^\\\\\.\\pipe\\pm2-liveness-[0-9a-f]{16}$/);
    if (process.platform !== 'linux') return;
    // Linux has sockets of the same nature, without a file.
    const place: Place = { kind: 'pipe', path: `\0pm2-liveness-test-${process.pid}` };
    const first = await take(place);
    assert.ok(first);
    assert.equal(await take(place), null);
    await first.release();
    assert.ok(await take(place));
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
    assert.equal(await take(placeOf(at)), null);
    await new Promise((resolve) => server.close(resolve));
    assert.ok(await take(placeOf(at), 'after'));
    assert.equal(await who(placeOf(at)), 'after');
  });
});
