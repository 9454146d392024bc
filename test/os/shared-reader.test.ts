import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { createOsReader } from '../../src/os/create-reader.ts';
import { LinuxReader } from '../../src/os/linux/reader.ts';
import type { OsReader } from '../../src/os/os-reader.ts';
import { SharedReader, takenAtOf } from '../../src/os/shared-reader.ts';
import { FakeClock } from '../support/fake-clock.ts';
import { facts, tableOf } from './support/facts.ts';

/** A system whose looks are counted; each takes a turn of the loop. */
function system(pids: number[]): { reader: SharedReader; clock: FakeClock; looks: () => number } {
  const clock = new FakeClock();
  let looks = 0;
  const reader: OsReader = {
    ...createOsReader('aix'),
    processes: async () => {
      looks += 1;
      const table = tableOf(...pids.map((pid) => facts({ pid })));
      await new Promise((resolve) => setImmediate(resolve));
      return table;
    },
    births: async (asked) =>
      new Map(asked.filter((pid) => pids.includes(pid)).map((pid) => [pid, 'b'])),
  };
  return { reader: new SharedReader(reader, clock), clock, looks: () => looks };
}

describe('one table of processes', () => {
  test('serves all callers within a quarter of a second, at once or one by one', async () => {
    const { reader, clock, looks } = system([10, 11]);
    const tables = await Promise.all(
      Array.from({ length: 200 }, () => reader.processes([10], 250)),
    );
    await clock.pass(249);
    tables.push(await reader.processes([11], 250));
    assert.equal(looks(), 1);
    assert.equal(new Set(tables).size, 1);
    await clock.pass(1);
    await reader.processes([10], 250);
    assert.equal(looks(), 2);
  });

  test('is read again for a process that started since, and not for one that is gone', async () => {
    const pids = [10];
    const { reader, looks } = system(pids);
    await reader.processes([10], 250);
    await reader.processes([99], 250);
    assert.equal(looks(), 1);
    pids.push(12);
    assert.ok((await reader.processes([12], 250))?.has(12));
    assert.equal(looks(), 2);
  });

  test('is new for a caller that needs it new, and says when it was read', async () => {
    const { reader, clock, looks } = system([10]);
    const first = await reader.processes([10], 250);
    await clock.pass(100);
    const second = await reader.processes([10]);
    assert.equal(looks(), 2);
    assert.ok(first && second);
    assert.equal(takenAtOf(second, 0) - takenAtOf(first, 0), 100);
    assert.equal(await reader.processes([10], 250), second, 'and serves the others');
  });

  test('that takes long to read is read a tenth of the time at most', async () => {
    const clock = new FakeClock();
    let looks = 0;
    const slow: OsReader = {
      ...createOsReader('aix'),
      processes: async () => {
        looks += 1;
        await clock.pass(200);
        return tableOf(facts({ pid: 10 }));
      },
    };
    const reader = new SharedReader(slow, clock);
    await reader.processes([10], 250);
    await clock.pass(1_700);
    await reader.processes([10], 250);
    assert.equal(looks, 1);
    await clock.pass(200);
    await reader.processes([10], 250);
    assert.equal(looks, 2);
  });
});

test('the list of sockets is read once for all who can bear it a little old', async () => {
  const root = mkdtempSync(join(tmpdir(), 'pl-net-'));
  mkdirSync(join(root, 'net'));
  const clock = new FakeClock();
  const reader = new LinuxReader(clock, root);
  const line = `  0: 0100007F:0BB8 00000000:0000 0A 00000000:00000000 00:00000000 00000000 0 0 4242 1`;
  const write = (lines: string[]): void =>
    writeFileSync(join(root, 'net/tcp'), ['  sl  local_address', ...lines, ''].join('\n'));
  try {
    write([]);
    assert.deepEqual(await reader.listeners(3_000, [], 250), []);
    write([line]);
    assert.deepEqual(await reader.listeners(3_000, [], 250), []);
    assert.equal((await reader.listeners(3_000))?.length, 1);
    write([]);
    assert.equal((await reader.listeners(3_000, [], 250))?.length, 1);
    await clock.pass(250);
    assert.deepEqual(await reader.listeners(3_000, [], 250), []);
  } finally {
    rmSync(root, { recursive: true, force: true });
  }
});

test('so is the list of connections, in which an app with many ports is searched at each', async () => {
  const root = mkdtempSync(join(tmpdir(), 'pl-net-'));
  mkdirSync(join(root, 'net'));
  const clock = new FakeClock();
  const reader = new LinuxReader(clock, root);
  const line = `  0: 0100007F:0BB8 0100007F:C000 01 00000000:00000000 00:00000000 00000000 0 0 4242 1`;
  const write = (...lines: string[]): void =>
    writeFileSync(join(root, 'net/tcp'), ['  sl  local_address', ...lines, ''].join('\n'));
  try {
    write(line);
    assert.deepEqual(await reader.connectedAt(3_000, 250), ['127.0.0.1']);
    write();
    assert.deepEqual(await reader.connectedAt(3_000, 250), ['127.0.0.1']);
    assert.deepEqual(await reader.connectedAt(3_001, 250), []);
    await clock.pass(250);
    assert.deepEqual(await reader.connectedAt(3_000, 250), []);
    write(line);
    assert.deepEqual(await reader.connectedAt(3_000), ['127.0.0.1']);
  } finally {
    rmSync(root, { recursive: true, force: true });
  }
});
