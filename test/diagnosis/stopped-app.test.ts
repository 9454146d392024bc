import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { StoppedApp } from '../../src/diagnosis/stopped-app.ts';
import { STOP_LOOK_MS } from '../../src/diagnosis/stop-watch.ts';
import { createOsReader } from '../../src/os/create-reader.ts';
import type { OsReader, ProcessFacts, ProcessState } from '../../src/os/os-reader.ts';
import { observationOf, type Observation } from '../../src/target/observation.ts';
import { FakeClock } from '../support/fake-clock.ts';
import { managed } from '../support/fake-pm2.ts';

const APP = observationOf(managed({ pid: 100 }), new FakeClock());

function facts(pid: number, ppid: number, state: ProcessState): ProcessFacts {
  const [birth, startedAtMs] = [`b${pid}`, 1_000 + pid];
  const rest = { uid: 0, cpuMs: 0, rssBytes: 1, tracerPid: 0, command: '' };
  return { pid, ppid, birth, startedAtMs, state, ...rest };
}

/** npm (100) with its server (101), and the other apps 200, 300 … in these states. */
function reader(server: ProcessState, others: readonly ProcessState[] = []): OsReader {
  const all = [
    facts(100, 1, 'sleeping'),
    facts(101, 100, server),
    ...others.map((state, nth) => facts(200 + 100 * nth, 1, state)),
  ];
  const table = new Map(all.map((each) => [each.pid, each]));
  return Object.assign(
    { ...createOsReader('aix') },
    {
      processes: async () => table,
      stopped: async (pid: number) => {
        const each = table.get(pid);
        return each?.state === 'stopped' ? { birth: each.birth, switches: 3 } : null;
      },
    },
  );
}

interface Play {
  readonly app?: Observation;
  readonly holder?: number | null;
  readonly pids?: readonly number[];
}

/** What the looks of ten seconds lead to. */
async function found(
  os: OsReader,
  { app = APP, holder = 101, pids = [100] }: Play = {},
): Promise<readonly string[]> {
  const clock = new FakeClock();
  const stopped = new StoppedApp({ reader: os, clock });
  const findings = new Set<string>();
  for (let look = 0; look < 40; look += 1) {
    const finding = await stopped.look(app, { pid: holder, port: 80 }, () => pids);
    findings.add(typeof finding === 'string' ? finding : 'proven');
    clock.monotonic += STOP_LOOK_MS;
  }
  return [...findings];
}

describe('an app that gives no answer', () => {
  test('is stopped where the process that listens for it is', async () => {
    assert.deepEqual(await found(reader('stopped')), ['maybe', 'proven']);
  });

  test('is not where that process runs, or is traced', async () => {
    for (const state of ['sleeping', 'running', 'disk', 'traced'] as const) {
      assert.deepEqual(await found(reader(state)), ['no']);
    }
  });

  test('is not known to be where nobody is known to listen for it', async () => {
    assert.deepEqual(await found(reader('stopped'), { holder: null }), ['no']);
  });

  test('is not where the process that listened is no longer part of the app', async () => {
    const app: Observation = { ...APP, pid: 999 };
    assert.deepEqual(await found(reader('stopped'), { app }), ['maybe', 'no']);
  });

  test('is not known to be in cluster mode, and on other systems', async () => {
    assert.deepEqual(await found(reader('stopped'), { app: { ...APP, members: [APP] } }), ['no']);
    assert.deepEqual(await found(createOsReader('aix')), ['no']);
  });

  test('is left to the thresholds where half of three or more apps are stopped together', async () => {
    const pids = [100, 200, 300];
    const both = reader('stopped', ['stopped', 'sleeping']);
    assert.deepEqual(await found(both, { pids }), ['maybe', 'no']);
    const alone = reader('stopped', ['sleeping', 'sleeping']);
    assert.deepEqual(await found(alone, { pids }), ['maybe', 'proven']);
    // Of two it may be one of them, as for the hold of a mass failure.
    assert.deepEqual(await found(both, { pids: [100, 200] }), ['maybe', 'proven']);
  });

  test('is busy without end where the looks at its main thread show so', async () => {
    const clock = new FakeClock();
    let waiting = 0;
    const busyThread = async (pid: number, port: number) => {
      assert.deepEqual([pid, port], [101, 80]);
      waiting += 1;
      return { birth: 'b', sleeps: 1, cpuMs: 1_000 * waiting, waiting };
    };
    const app = new StoppedApp({ reader: Object.assign(reader('running'), { busyThread }), clock });
    const look = () => app.look(APP, { pid: 101, port: 80 }, () => [100]);
    assert.equal(await look(), 'no', 'the probe has its timeout');
    assert.deepEqual(app.cannotEnd, { stopped: null, busy: null });
    clock.monotonic += 3_000;
    await look();
    const { busy } = app.cannotEnd;
    assert.deepEqual(busy, { pid: 101, birth: 'b', sleeps: 1, waiting: 2, port: 80 });
  });
});
