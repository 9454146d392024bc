import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { findDebugger } from '../../src/diagnosis/debugger.ts';
import { observationOf } from '../../src/target/observation.ts';
import type { Listener, MainThread, OsReader, ProcessFacts } from '../../src/os/os-reader.ts';
import { facts, tableOf } from '../os/support/facts.ts';
import { FakeClock } from '../support/fake-clock.ts';
import { managed } from '../support/fake-pm2.ts';

const OWN_PID = 1_000;
const HELD: MainThread = { waitsForThread: true, sleeps: 40 };
const RUNS: MainThread = { waitsForThread: false, sleeps: 40 };
const HIDDEN: MainThread = { waitsForThread: null, sleeps: 40 };

/** What the system shows of an app whose process 100 has an inspector on 127.0.0.1:9229. */
interface Scene {
  /** PM2's own process of the app. */
  readonly root?: number;
  readonly processes?: readonly ProcessFacts[];
  /** The first thread at the two looks at it. */
  readonly threads?: readonly (MainThread | null)[];
  readonly listeners?: readonly Listener[] | null;
  readonly connected?: readonly string[] | null;
  readonly isInspector?: boolean;
  /** Answers only after another port was asked. */
  readonly silentPort?: number;
  readonly hasAnswered?: boolean;
  readonly probedPort?: number;
  readonly env?: Readonly<Record<string, unknown>>;
}

const INSPECTOR: Listener = { address: '127.0.0.1', port: 9_229, pids: [100] };

async function found(scene: Scene): Promise<{ by: string | null; asked: string[] }> {
  const { processes = [facts({ pid: 100 })], threads = [HELD], env = {} } = scene;
  const { listeners = [INSPECTOR], connected = [], isInspector = true } = scene;
  const asked: string[] = [];
  let othersAreAsked = (): void => undefined;
  const others = new Promise<void>((resolve) => (othersAreAsked = resolve));
  let look = 0;
  const table = tableOf(facts({ pid: OWN_PID }), ...processes);
  const reader: OsReader = {
    listeners: async () => null,
    listenersOf: async (pids) =>
      listeners?.filter((each) => each.pids?.some((pid) => pids.includes(pid))) ?? null,
    connectedAt: async () => connected,
    mainThread: async (pid) =>
      pid === 100 ? (threads[Math.min(look++, threads.length - 1)] ?? null) : RUNS,
    processes: async () => table,
    markers: async () => null,
    births: async () => null,
  };
  const ports = {
    reader,
    clock: { now: () => 0, wall: () => 0, sleep: async () => undefined },
    ownPid: OWN_PID,
    isInspector: async (address: string, port: number) => {
      asked.push(`${address}:${port}`);
      if (port !== scene.silentPort) othersAreAsked();
      else return others.then(() => false);
      return isInspector;
    },
  };
  const app = observationOf(managed({ pid: scene.root ?? 100, env }), new FakeClock());
  const known = { hasAnswered: scene.hasAnswered ?? true, probedPort: scene.probedPort ?? null };
  return { by: await findDebugger(app, table, known, ports), asked };
}

const BRK = facts({ pid: 100, command: 'node --inspect-brk=127.0.0.1:9229 server.js' });

describe('somebody is attached', () => {
  const connected = ['127.0.0.1'];

  test('and the program does not run: the debugger holds it', async () => {
    const { by } = await found({ connected });
    assert.equal(by, 'a debugger is attached (process 100, inspector on port 9229)');
  });

  test('in any process of the app', async () => {
    const processes = [facts({ pid: 90 }), facts({ pid: 100, ppid: 90 })];
    assert.match((await found({ connected, processes, root: 90 })).by ?? '', /process 100/);
    assert.equal((await found({ connected, processes: [facts({ pid: 90 })], root: 90 })).by, null);
  });

  test('and the program runs: the debugger is not why it does not answer', async () => {
    assert.equal((await found({ connected, threads: [RUNS] })).by, null);
    assert.equal((await found({ connected, threads: [HELD, RUNS] })).by, null);
    const burning = [facts({ pid: 100, state: 'running' })];
    assert.equal((await found({ connected, processes: burning })).by, null);
  });

  test('and the thread is woken all the time: it works', async () => {
    const working = [HELD, { waitsForThread: true, sleeps: 400 }];
    assert.equal((await found({ connected, threads: working })).by, null);
    const stepping = [HELD, { waitsForThread: true, sleeps: 44 }];
    assert.notEqual((await found({ connected, threads: stepping })).by, null);
  });

  test('and the system hides where the thread is: the benefit of the doubt', async () => {
    assert.notEqual((await found({ connected, threads: [HIDDEN] })).by, null);
    assert.equal((await found({ connected, threads: [HIDDEN, RUNS] })).by, null);
  });

  test('at another port, or another address of this one', async () => {
    assert.equal((await found({ connected: ['192.168.0.7'] })).by, null);
    const everywhere = [{ ...INSPECTOR, address: '0.0.0.0' }];
    const seen = await found({ connected: ['192.168.0.7'], listeners: everywhere });
    assert.match(seen.by ?? '', /is attached/);
    assert.deepEqual(seen.asked, ['127.0.0.1:9229']);
  });

  test('to a port that is no inspector’s', async () => {
    assert.equal((await found({ connected, isInspector: false })).by, null);
  });

  test('to the probed port: the hung app is not asked once more there', async () => {
    assert.deepEqual(await found({ connected, probedPort: 9_229 }), { by: null, asked: [] });
  });

  test('to one of several ports, all of which are asked at once', async () => {
    const listeners = [{ ...INSPECTOR, port: 3_000 }, INSPECTOR];
    const seen = await found({ connected, listeners, silentPort: 3_000 });
    assert.match(seen.by ?? '', /inspector on port 9229/);
    assert.deepEqual(seen.asked, ['127.0.0.1:3000', '127.0.0.1:9229']);
  });

  test('and the process is gone at the second look', async () => {
    assert.equal((await found({ connected, threads: [HELD, null] })).by, null);
  });
});

describe('nobody is attached', () => {
  test('an open inspector is no sign, and is not even asked', async () => {
    assert.deepEqual(await found({ hasAnswered: false }), { by: null, asked: [] });
  });

  test('started to wait for one, and it does', async () => {
    const { by } = await found({ processes: [BRK], hasAnswered: false });
    assert.equal(by, 'it waits for a debugger (process 100, inspector on port 9229)');
  });

  test('started so by PM2’s node_args or by NODE_OPTIONS', async () => {
    for (const env of [
      { node_args: ['--inspect-wait=0'] },
      { node_args: '--inspect-brk' },
      { NODE_OPTIONS: '--enable-source-maps --inspect-brk' },
    ]) {
      assert.notEqual((await found({ env, hasAnswered: false })).by, null, JSON.stringify(env));
    }
    const env = {
      node_args: ['--inspect'],
      NODE_OPTIONS: '--inspect-port=0',
      args: '--inspect-brk',
    };
    assert.equal((await found({ env, hasAnswered: false })).by, null);
  });

  test('started so, but it has answered since: a hang is a hang', async () => {
    assert.equal((await found({ processes: [BRK] })).by, null);
  });

  test('started so, but it runs, or that is not known', async () => {
    for (const thread of [RUNS, HIDDEN, null]) {
      const scene = { processes: [BRK], hasAnswered: false, threads: [thread] };
      assert.equal((await found(scene)).by, null);
    }
  });

  test('started so, but no inspector listens, or not on loopback', async () => {
    const told = { processes: [BRK], hasAnswered: false };
    assert.equal((await found({ ...told, isInspector: false })).by, null);
    assert.equal((await found({ ...told, listeners: [] })).by, null);
    assert.equal((await found({ ...told, listeners: null })).by, null);
    const afar = [{ ...INSPECTOR, address: '192.168.0.7' }];
    assert.deepEqual(await found({ ...told, listeners: afar }), { by: null, asked: [] });
  });

  test('which is not known: a missed debugger is better than a held dead app', async () => {
    assert.equal((await found({ connected: null })).by, null);
  });
});

describe('somebody traces it', () => {
  test('it is named', async () => {
    const gdb = facts({ pid: 77, command: 'gdb' });
    const { by } = await found({ processes: [facts({ pid: 100, tracerPid: 77 }), gdb] });
    assert.equal(by, 'a debugger is attached (process 77, gdb)');
  });

  test('who traces us as well (proot) is none', async () => {
    const processes = [facts({ pid: 100, tracerPid: 77 }), facts({ pid: OWN_PID, tracerPid: 77 })];
    assert.equal((await found({ processes })).by, null);
    const other = [facts({ pid: 100, tracerPid: 78 }), facts({ pid: OWN_PID, tracerPid: 77 })];
    assert.match((await found({ processes: other })).by ?? '', /process 78/);
  });
});
