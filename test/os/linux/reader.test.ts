import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import {
  chmodSync,
  copyFileSync,
  mkdirSync,
  mkdtempSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { once } from 'node:events';
import { open } from 'node:fs/promises';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, test } from 'node:test';
import { busyShare } from '../../../src/diagnosis/cpu-load.ts';
import { createOsReader } from '../../../src/os/create-reader.ts';
import { LinuxReader } from '../../../src/os/linux/reader.ts';
import { findTraced, treeOf, usageOf } from '../../../src/os/tree.ts';
import { systemClock } from '../../../src/time/clock.ts';
import { until } from '../../support/until.ts';
import { Children, IDLE, listenOn } from '../support/children.ts';

const isLinux = process.platform === 'linux';

describe('Linux, with real processes', { skip: !isLinux }, () => {
  const reader = createOsReader('linux');
  const children = new Children();
  const dir = mkdtempSync(join(tmpdir(), 'pl-os-'));
  after(() => children.endAll());
  after(() => rmSync(dir, { recursive: true, force: true }));

  const look = async () => (await reader.processes()) ?? assert.fail('no table');

  for (const [host, extra, address] of [
    ['127.0.0.1', '', '127.0.0.1'],
    ['127.0.0.5', '', '127.0.0.5'],
    ['0.0.0.0', '', '0.0.0.0'],
    ['::1', '', '::1'],
    ['::', '', '::'],
    ['::', 'ipv6Only: true', '::'],
    ['::ffff:127.0.0.1', '', '127.0.0.1'],
  ] as const) {
    test(`a listener on ${host} ${extra}`, async () => {
      const {
        pid,
        said: [port = 0],
      } = await children.node(listenOn(host, extra));
      const expected = [{ address, port, pids: [pid] }];
      assert.deepEqual(await reader.listeners(port), expected);
      assert.deepEqual(await reader.listeners(port, [pid]), expected);
      assert.deepEqual(await reader.listeners(port, [process.pid, 999_999_999]), expected);
      assert.deepEqual(await reader.listenersOf([pid]), expected);
    });
  }

  test('nobody listens where nobody listens', async () => {
    const {
      child,
      said: [port = 0],
    } = await children.node(listenOn('127.0.0.1'));
    child.kill('SIGKILL');
    await until('the port is free', async () => (await reader.listeners(port))?.length === 0);
  });

  test('a socket that two processes hold names both', async () => {
    const {
      pid,
      said: [port = 0, heir = 0],
    } = await children.node(`
      const server = require('net').createServer().listen(0, '127.0.0.1', () => {
        const child = require('child_process').spawn(process.execPath, ['-e', 'setInterval(() => {}, 1e6)'],
          { stdio: ['ignore', 'ignore', 'ignore', server._handle.fd] });
        console.log(JSON.stringify([server.address().port, child.pid]));
      });`);
    children.adopt(heir);
    const [listener] = (await reader.listeners(port)) ?? [];
    assert.deepEqual(new Set(listener?.pids), new Set([pid, heir]));
  });

  test('a tree with a child of a child, its memory and its start', async () => {
    const before = systemClock.wall();
    const { pid, said } = await children.node(`
      const { spawn } = require('child_process');
      const child = spawn('sh', ['-c', 'sleep 1000 & echo $!; wait'], { stdio: ['ignore', 'pipe', 'ignore'] });
      child.stdout.once('data', (data) => console.log(JSON.stringify([child.pid, Number(data)])));`);
    for (const each of said) children.adopt(each);
    const table = await look();
    const tree = treeOf(table, pid);
    assert.deepEqual(
      tree.map((process) => process.pid),
      [pid, ...said],
    );
    const [root] = tree;
    assert.ok(root !== undefined && Math.abs(root.startedAtMs - before) < 5_000);
    assert.equal(root.uid, process.getuid?.());
    assert.equal(root.ppid, process.pid);
    assert.ok((usageOf(tree).rssBytes ?? 0) > 20e6);
    const commands = await reader.processes([said[1] ?? 0]);
    assert.equal(commands?.get(said[1] ?? 0)?.command, 'sleep 1000');
  });

  test('stopped, and going on', async () => {
    const { pid } = await children.node(IDLE);
    process.kill(pid, 'SIGSTOP');
    await until('it stands still', async () => usageOf(treeOf(await look(), pid)).isStopped);
    process.kill(pid, 'SIGCONT');
    await until('it goes on', async () => !usageOf(treeOf(await look(), pid)).isStopped);
    assert.equal(findTraced(treeOf(await look(), pid), 0), null);
  });

  test('a first thread that waits for another, and one that waits for the world', async (t) => {
    const idle = await children.node(IDLE);
    const held = await children.node(
      `console.log('[]'); setTimeout(() => Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0), 1);`,
    );
    const waits = async (pid: number) => (await reader.mainThread(pid))?.waitsForThread;
    if ((await waits(idle.pid)) === null) return t.skip('this kernel does not tell');
    await until('it is held', async () => waits(held.pid));
    await until('it is idle', async () => (await waits(idle.pid)) === false);
    assert.ok(((await reader.mainThread(held.pid))?.sleeps ?? 0) > 0);
    assert.equal(await reader.mainThread(999_999_999), null);
  });

  test('who is connected', async () => {
    const {
      said: [port = 0],
    } = await children.node(listenOn('127.0.0.1'));
    assert.deepEqual(await reader.connectedAt(port), []);
    const client = connect(port, '127.0.0.1');
    await once(client, 'connect');
    assert.deepEqual(await reader.connectedAt(port), ['127.0.0.1']);
    assert.deepEqual(await reader.connectedAt(client.localPort ?? 0), ['127.0.0.1']);
    client.destroy();
    await until('it is gone', async () => (await reader.connectedAt(port))?.length === 0);
  });

  test('one burns, one idles', async () => {
    const burner = await children.node(`console.log('[]'); setImmediate(() => { for (;;); });`);
    const idle = await children.node(IDLE);
    // Lets the start of the idle one settle, which costs CPU too.
    await until('idle', async () => {
      const [first, from] = [await look(), systemClock.now()];
      await systemClock.sleep(500);
      const [second, elapsedMs] = [await look(), systemClock.now() - from];
      const share = (pid: number): number =>
        busyShare(treeOf(first, pid), treeOf(second, pid), elapsedMs) ?? -1;
      return share(burner.pid) > 0.15 && share(idle.pid) >= 0 && share(idle.pid) < 0.1;
    });
  });

  test('PM2 markers as they were at the start, and no secret', async () => {
    const env = {
      PM2_HOME: '/home/ann/.pm2',
      name: 'my app',
      pm_id: '4',
      pm_cwd: '/srv/my app',
      unique_id: 'u-1',
      SECRET: 's3cret',
    };
    const { pid } = await children.node(`process.env.name = 'changed'; ${IDLE}`, { env });
    const markers = await reader.markers(pid);
    assert.deepEqual(markers, {
      pm2Home: '/home/ann/.pm2',
      name: 'my app',
      pmId: '4',
      cwd: '/srv/my app',
      uniqueId: 'u-1',
    });
    assert.equal(await reader.markers(999_999_999), null);
  });

  test('a name with parentheses, spaces and a newline', async () => {
    const program = join(dir, 'a) S 1\n(b');
    copyFileSync('/bin/sh', program);
    chmodSync(program, 0o755);
    const { pid } = await children.start(program, ['-c', 'echo []; kill -STOP $$']);
    const process = (await look()).get(pid);
    assert.equal(process?.command, 'a) S 1 (b');
    assert.equal(process?.ppid, globalThis.process.pid);
  });

  test('births: the living, each with its own; the dead and the zombie have none', async () => {
    const { child, pid } = await children.node(IDLE);
    const births = await reader.births([pid, process.pid, 999_999_999]);
    assert.deepEqual([...(births?.keys() ?? [])], [pid, process.pid]);
    assert.notEqual(births?.get(pid), undefined);
    assert.equal(births?.get(pid), (await look()).get(pid)?.birth);
    child.kill('SIGKILL');
    await until('it has no birth', async () => (await reader.births([pid]))?.size === 0);
  });

  test('listeners come first among many connections', async () => {
    const script = `
      const net = require('net'); const ends = [];
      const server = net.createServer((end) => ends.push(end)).listen(0, '127.0.0.1', 1024, async () => {
        const { port } = server.address();
        for (let n = 0; n < 500; n++) await new Promise((next) => ends.push(net.connect(port, '127.0.0.1', next)));
        console.log(JSON.stringify([port]));
      });`;
    const {
      pid,
      said: [port = 0],
    } = await children.node(script);
    assert.deepEqual((await reader.listeners(port))?.[0]?.pids, [pid]);
  });
});

describe('Linux, with a /proc that is not as it should be', { skip: !isLinux }, () => {
  const dirs: string[] = [];
  after(() => dirs.forEach((dir) => rmSync(dir, { recursive: true, force: true })));

  /** A folder that looks like /proc, with the given files. */
  function fakeProc(files: Readonly<Record<string, string>>): string {
    const dir = mkdtempSync(join(tmpdir(), 'pl-proc-'));
    dirs.push(dir);
    for (const [path, text] of Object.entries(files)) {
      mkdirSync(join(dir, path, '..'), { recursive: true });
      writeFileSync(join(dir, path), text);
    }
    return dir;
  }

  /** Gives a process its namespaces. */
  function inWorld(root: string, process: string, world: string): void {
    mkdirSync(join(root, process, 'ns'), { recursive: true });
    for (const kind of ['pid', 'mnt'])
      symlinkSync(`${kind}:[${world}]`, join(root, process, 'ns', kind));
  }

  const stat = '(a) S 1 1 1 0 -1 4 1 2 3 4 150 50 7 8 20 0 11 0 98765 1 2';
  const socket = `   0: 0100007F:1435 00000000:0000 0A 00000000:00000000 00:00000000 00000000  1000        0 46209 1 0\n`;

  test('nothing there: all is unknown', async () => {
    const reader = new LinuxReader(systemClock, '/nowhere');
    assert.equal(await reader.listeners(80), null);
    assert.equal(await reader.listenersOf([1]), null);
    assert.equal(await reader.processes(), null);
    assert.equal(await reader.markers(1), null);
    assert.equal(await reader.births([1]), null);
    assert.equal(await reader.connectedAt(80), null);
    assert.equal(await reader.mainThread(1), null);
  });

  test('hidepid: the holder of a socket cannot be seen', async () => {
    const reader = new LinuxReader(systemClock, fakeProc({ 'net/tcp': socket, stat: 'btime 5\n' }));
    assert.deepEqual(await reader.listeners(5_173), [
      { address: '127.0.0.1', port: 5_173, pids: null },
    ]);
    assert.equal(await reader.processes(), null);
  });

  test('a process that vanishes half-read, and one of which only the name is shown', async () => {
    const root = fakeProc({
      stat: 'btime 5\n',
      '7/stat': `7 ${stat}`,
      '8/cmdline': 'x',
      '9/stat': '',
    });
    const table = await new LinuxReader(systemClock, root).processes([7, 8, 9]);
    assert.deepEqual([...(table?.keys() ?? [])], [7]);
    const { uid, rssBytes, tracerPid, command } = table?.get(7) ?? assert.fail();
    assert.deepEqual([uid, rssBytes, tracerPid, command], [null, null, null, 'a']);
  });

  test('the holder is found by its link', async () => {
    const root = fakeProc({ 'net/tcp': socket, '7/fd/0': '', '8/fd/0': '' });
    symlinkSync('socket:[46209]', join(root, '8/fd/3'));
    symlinkSync('socket:[462090]', join(root, '7/fd/3'));
    const [listener] = (await new LinuxReader(systemClock, root).listeners(5_173, [7])) ?? [];
    assert.deepEqual(listener?.pids, [8]);
  });

  test('all threads of a process count for how long it waited for a processor', async () => {
    const root = fakeProc({
      '7/task/7/schedstat': '9074238 258240968 4\n',
      '7/task/9/schedstat': '1 1000000 1\n',
      '8/task/8/schedstat': '',
    });
    const waited = await new LinuxReader(systemClock, root).waited([7, 8, 10]);
    assert.deepEqual([...waited.keys()], [7]);
    assert.ok(Math.abs((waited.get(7) ?? 0) - 259.240968) < 1e-6);
  });

  test('a process whose memory never comes delays once, and takes no other with it', async () => {
    const root = fakeProc({ '7/stat': `7 ${stat}`, '8/environ': 'name=web\0' });
    for (const process of ['self', '7', '8']) inWorld(root, process, 'ours');
    const pipe = join(root, '7/environ');
    execFileSync('mkfifo', [pipe]);
    const reader = new LinuxReader(systemClock, root);
    assert.deepEqual(await Promise.all([reader.markers(7), reader.markers(8)]), [null, null]);
    const again = systemClock.now();
    // Each would take a second if it waited again.
    for (let asked = 0; asked < 30; asked += 1) assert.equal(await reader.markers(8), null);
    assert.ok(systemClock.now() - again < 20_000);
    await (await open(pipe, 'w')).close();
    await until('it reads again', async () => (await reader.markers(8))?.name === 'web');
  });

  test('a process of another container is not read, with any environment', async () => {
    const root = fakeProc({ '7/environ': 'name=web\0', '8/environ': 'name=web\0' });
    for (const process of ['self', '7']) inWorld(root, process, 'ours');
    inWorld(root, '8', 'theirs');
    const reader = new LinuxReader(systemClock, root);
    assert.equal((await reader.markers(7))?.name, 'web');
    assert.equal(await reader.markers(8), null);
  });
});
