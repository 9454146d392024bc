import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { createOsReader } from '../../src/os/create-reader.ts';
import * as darwin from '../../src/os/darwin/parse.ts';
import { runCommand, type RunCommand } from '../../src/os/run-command.ts';
import { treeOf } from '../../src/os/tree.ts';
import * as windows from '../../src/os/windows/parse.ts';

const recording = (name: string): string =>
  readFileSync(new URL(`recordings/${name}`, import.meta.url), 'utf8');

/** Answers as recorded; null for what has no recording. */
function player(records: Readonly<Record<string, string>>): RunCommand {
  return async (file, args) => {
    const line = [file, ...args].join(' ');
    const key = Object.keys(records).find((part) => line.includes(part));
    const name = key === undefined ? undefined : records[key];
    return name === undefined ? null : name === '' ? '' : recording(name);
  };
}

describe('macOS', () => {
  const all = {
    netstat: 'darwin-netstat.txt',
    lsof: 'darwin-lsof.txt',
    '/bin/ps': 'darwin-ps.txt',
  };
  const reader = createOsReader('darwin', { run: player(all) });

  test('distinguishes both families, and whose they are', async () => {
    assert.deepEqual(await reader.listeners(5_173), [
      { address: '127.0.0.1', port: 5_173, pids: [48_213] },
      { address: '::1', port: 5_173, pids: [48_301] },
    ]);
    assert.deepEqual(await reader.listeners(3_000), [
      { address: '::', port: 3_000, pids: [48_301] },
    ]);
    assert.equal((await reader.listenersOf([48_213]))?.length, 3);
  });

  test("another user's listener is there, but not whose it is", async () => {
    assert.deepEqual(await reader.listeners(80), [{ address: '0.0.0.0', port: 80, pids: null }]);
  });

  test('nobody is only nobody when netstat says so', async () => {
    assert.deepEqual(await reader.listeners(9), []);
    const blind = createOsReader('darwin', { run: player({ lsof: '' }) });
    assert.equal(await blind.listeners(9), null);
    const silent = createOsReader('darwin', { run: player({ lsof: '', netstat: '' }) });
    assert.equal(await silent.listeners(9), null);
  });

  test('processes with times, states and folders with spaces', async () => {
    const table = await reader.processes();
    assert.equal(table?.size, 7);
    assert.deepEqual(table?.get(48_213), {
      pid: 48_213,
      ppid: 48_201,
      uid: 501,
      birth: 'Sun Nov 23 07:31:00 2025',
      startedAtMs: Date.UTC(2025, 10, 23, 7, 31, 0),
      cpuMs: (123 * 60 + 45.67) * 1_000,
      rssBytes: 182_344 * 1_024,
      state: 'running',
      tracerPid: null,
      command: 'node /Users/ann/My Page/node_modules/.bin/vite --port 5173',
    });
    assert.equal(table?.get(48_214)?.state, 'traced');
    assert.equal(table?.get(48_216)?.cpuMs, ((24 + 2) * 3_600 + 3 * 60 + 4) * 1_000);
    assert.equal(table?.get(48_216)?.command, '');
    assert.equal(table?.get(123), undefined);
  });

  test('births leave out the dead', async () => {
    const births = await reader.births([48_200, 48_215, 9]);
    assert.deepEqual([...(births ?? [])], [[48_200, 'Sun Nov 23 07:30:59 2025']]);
  });
});

describe('Windows', () => {
  const reader = createOsReader('win32', {
    run: player({
      '-p TCPv6': 'windows-netstat-tcpv6.txt',
      '-p TCP': 'windows-netstat-tcp.txt',
      'powershell.exe': 'windows-processes.json',
    }),
  });

  test('listeners in German, Spanish and in a wrong encoding', async () => {
    assert.deepEqual(await reader.listeners(5_173), [
      { address: '127.0.0.1', port: 5_173, pids: [7_312] },
      { address: '::1', port: 5_173, pids: [9_120] },
    ]);
    assert.deepEqual(await reader.listeners(8_080), [
      { address: 'fe80::1c2b', port: 8_080, pids: [9_121] },
    ]);
    assert.deepEqual(await reader.listeners(5_000), [
      { address: '0.0.0.0', port: 5_000, pids: null },
    ]);
    assert.deepEqual(await reader.listeners(9), []);
    assert.deepEqual(await reader.listenersOf([9_120]), [
      { address: '::1', port: 5_173, pids: [9_120] },
    ]);
  });

  test('processes, with counters as numbers or as text', async () => {
    const table = await reader.processes();
    assert.deepEqual([...(table?.keys() ?? [])], [7_300, 612]);
    assert.deepEqual(table?.get(7_300), {
      pid: 7_300,
      ppid: 612,
      uid: null,
      birth: '1763883060123',
      startedAtMs: 1_763_883_060_123,
      cpuMs: 1_578,
      rssBytes: 88_530_944,
      state: 'unknown',
      tracerPid: null,
      command: '"C:\\Program Files\\nodejs\\node.exe" vite.js',
    });
  });

  test('nobody is the child of a younger process that got the pid of its parent', async () => {
    const table = (await reader.processes()) ?? new Map();
    assert.deepEqual(
      treeOf(table, 612).map(({ pid }) => pid),
      [612],
    );
  });

  test('one process alone is an object', () => {
    assert.equal(windows.parseProcesses('{"ProcessId":5,"StartedAtMs":1}')?.size, 1);
  });
});

for (const platform of ['darwin', 'win32', 'sunos'] as const) {
  test(`${platform}: what cannot be read is unknown`, async () => {
    const reader = createOsReader(platform, { run: async () => null });
    assert.equal(await reader.listeners(80), null);
    assert.equal(await reader.listenersOf([1]), null);
    assert.equal(await reader.processes(), null);
    assert.equal(await reader.markers(1), null);
    assert.equal(await reader.births([1]), null);
    assert.equal(await reader.connectedAt(1), null);
    assert.equal(await reader.mainThread(1), null);
  });
}

test('garbage is never more than nothing', () => {
  const alphabet = fc.constantFrom(...'pnt0123456789:.*[]% \n\r{}",TCPLISTEN'.split(''));
  const text = fc.oneof(
    fc.string({ unit: 'binary' }),
    fc.string({ unit: alphabet, maxLength: 400 }),
  );
  fc.assert(
    fc.property(text, fc.json(), (garbage, json) => {
      darwin.parseLsof(garbage);
      darwin.parseNetstat(garbage);
      darwin.parsePs(garbage);
      windows.parseNetstat(garbage);
      windows.parseProcesses(garbage);
      windows.parseProcesses(json);
    }),
  );
});

describe('running a program', () => {
  test('its output, with any exit code', async () => {
    assert.equal(await runCommand(process.execPath, ['-e', 'console.log(1)']), '1\n');
    assert.equal(
      await runCommand(process.execPath, ['-e', 'console.log(1); process.exitCode = 1']),
      '1\n',
    );
  });

  test('one that is not there, or writes too much, is null', async () => {
    assert.equal(await runCommand('/nowhere/at/all', []), null);
    assert.equal(await runCommand('a\0b', []), null);
    const flood = "process.stdout.write('x'.repeat(20e6))";
    assert.equal(await runCommand(process.execPath, ['-e', flood]), null);
  });
});
