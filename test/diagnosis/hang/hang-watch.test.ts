import assert from 'node:assert/strict';
import { test } from 'node:test';
import { lookAtHang } from '../../../src/diagnosis/hang/hang-watch.ts';
import type { OsReader, ProcessFacts } from '../../../src/os/os-reader.ts';

const CLOCK = { now: () => 0, wall: () => 0, sleep: async () => undefined };

function facts(pid: number, ppid: number): ProcessFacts {
  return {
    pid,
    ppid,
    birth: `b${pid}`,
    uid: 0,
    startedAtMs: 0,
    cpuMs: 0,
    rssBytes: 1,
    state: 'sleeping',
    tracerPid: 0,
    command: 'node',
  };
}

/** Whom a look asks: npm (100), its server (102), and a stranger (7). */
async function asked(rootPid: number, holderPid: number | null): Promise<readonly number[]> {
  const table = [facts(100, 1), facts(101, 100), facts(102, 101), facts(7, 1)];
  const reader = {
    processes: async () => new Map(table.map((each) => [each.pid, each])),
    mainThread: async (pid: number) => {
      pids.push(pid);
      return null;
    },
  } as unknown as OsReader;
  const pids: number[] = [];
  const ask = async (_home: string, { pid }: { pid: number }): Promise<null> => {
    pids.push(pid);
    return null;
  };
  await lookAtHang(rootPid, { reader, clock: CLOCK, pm2Home: '/nowhere', ask }, holderPid);
  return pids;
}

test('below a wrapper the process that listens is asked, and nobody else', async () => {
  assert.deepEqual(await asked(100, 102), [102, 102]);
  assert.deepEqual(await asked(100, null), [100, 100], 'not known');
  assert.deepEqual(await asked(100, 7), [100, 100], 'not of the app');
  assert.deepEqual(await asked(100, 999), [100, 100], 'gone');
  assert.deepEqual(await asked(101, 100), [101, 101], 'above it');
  assert.deepEqual(await asked(1_000, 102), [], 'nothing runs');
});
