import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { RestartOrder } from '../../src/action/restart-order.ts';
import { issue } from '../../src/action/issue.ts';
import type { ProcessFacts } from '../../src/os/os-reader.ts';
import { incarnationOf, type ManagedProcess } from '../../src/pm2/process.ts';
import { FakePm2, managed } from '../support/fake-pm2.ts';

const APP = managed({ env: { treekill: true } });
const NEXT = managed({ env: { treekill: true }, pid: 200, startedAt: 1_700_000_009_000 });

function life(pid: number, ppid: number): ProcessFacts {
  return {
    pid,
    ppid,
    birth: `b${pid}`,
    uid: 0,
    startedAtMs: pid,
    cpuMs: 0,
    rssBytes: 0,
    state: 'sleeping',
    tracerPid: 0,
    command: '',
  };
}

/** A machine on which PM2 runs pid 100 with a child and a grandchild; `atEnd` is what PM2 does when 100 has gone. */
class Machine {
  readonly pm2 = new FakePm2();
  readonly alive = new Map(
    [life(100, 1), life(101, 100), life(102, 101)].map((it) => [it.pid, it]),
  );
  readonly signals: string[] = [];
  isTold = true;
  isPsMissing = true;
  atEnd: () => ManagedProcess[] = () => [NEXT];
  atWait: () => void = () => undefined;
  deaf: readonly number[] = [];
  #now = 0;

  constructor(process = APP) {
    this.pm2.processes = [process];
  }

  run(process = APP, method: RestartOrder['method'] = 'restart'): Promise<void> {
    const { pmId, name } = process;
    const order = { pmId, name, method, incarnation: incarnationOf(process), orphan: [] };
    const { pm2 } = this;
    const clock = {
      now: () => this.#now,
      wall: () => 0,
      sleep: async (ms: number) => {
        this.#now += ms;
        this.atWait();
      },
    };
    const reader = {
      processes: async () => (this.isTold ? new Map(this.alive) : null),
      births: async (pids: readonly number[]) =>
        new Map(pids.filter((pid) => this.alive.has(pid)).map((pid) => [pid, `b${pid}`])),
    };
    const send = (pid: number, signal: string): 'sent' => {
      this.signals.push(`${signal} ${pid}`);
      if (!this.deaf.includes(pid)) this.alive.delete(pid);
      if (pid === 100 && !this.alive.has(100)) pm2.processes = this.atEnd();
      return 'sent';
    };
    const isPsMissing = async (): Promise<boolean> => this.isPsMissing;
    return issue(order, process, {
      pm2,
      clock,
      reader,
      send,
      isPsMissing,
    });
  }
}

describe('a restart where PM2 lacks ps', () => {
  test('stops the whole tree, children first, and leaves the start to PM2', async () => {
    const machine = new Machine();
    await machine.run();
    assert.deepEqual(machine.signals, ['SIGTERM 102', 'SIGTERM 101', 'SIGTERM 100']);
    assert.deepEqual(machine.pm2.calls, []);
  });

  test('takes what the top process has started meanwhile along', async () => {
    const machine = new Machine();
    machine.deaf = [101];
    machine.atWait = () => {
      machine.deaf = [];
      machine.alive.set(103, life(103, 100));
    };
    await machine.run();
    assert.deepEqual([...machine.alive], []);
    assert.deepEqual(machine.pm2.calls, []);
  });

  test('makes PM2 start what it leaves alone, now that there is nothing to stop', async () => {
    for (const status of ['stopped', 'errored', 'waiting restart'] as const) {
      const machine = new Machine();
      machine.atEnd = () => [managed({ status, pid: 0 })];
      await machine.run();
      assert.deepEqual(machine.pm2.calls, ['restart 0'], status);
    }
  });

  test('does not when it was the operator who stopped it', async () => {
    const machine = new Machine();
    machine.atEnd = () => [managed({ status: 'stopped', pid: 0 })];
    machine.atWait = () => machine.pm2.emit('stop', 0);
    await machine.run();
    assert.deepEqual(machine.pm2.calls, []);
    assert.equal(machine.pm2.listeners, 0);
  });

  test('does not when the operator started it meanwhile, deleted it, or PM2 waits its own delay', async () => {
    for (const processes of [[], [managed({ status: 'waiting restart', pid: 100 })]]) {
      const machine = new Machine();
      machine.atEnd = () => processes;
      await machine.run();
      assert.deepEqual(machine.pm2.calls, []);
    }
    const machine = new Machine();
    machine.atEnd = () => [managed({ status: 'stopped', pid: 0 })];
    machine.atWait = () => {
      machine.pm2.processes = [NEXT];
    };
    await machine.run();
    assert.deepEqual(machine.pm2.calls, []);
  });

  test('fails where PM2 does not start it, or a process does not exit', async () => {
    const still = new Machine();
    still.atEnd = () => [managed({ status: 'stopped' })];
    await assert.rejects(still.run(), { code: 'ERR_PM2_FAILED', message: /not started it again/ });
    const deaf = new Machine();
    deaf.deaf = [102];
    await assert.rejects(deaf.run(), { message: 'process 102 of the app could not be stopped' });
    assert.ok(deaf.alive.has(100), 'the app is not ended over a child that stays');
  });

  test('signals nobody where the app changed while its processes were read, or cannot be read', async () => {
    const changed = new Machine();
    changed.pm2.processes = [NEXT];
    await assert.rejects(changed.run(), { message: 'the app was started again meanwhile' });
    assert.deepEqual(changed.signals, []);
    const untold = new Machine();
    untold.isTold = false;
    await assert.rejects(untold.run(), { message: /does not list the app’s processes/ });
    assert.deepEqual(untold.pm2.calls, []);
  });

  test('reloads a cluster through PM2, then stops what is left of the old worker', async () => {
    const machine = new Machine();
    machine.pm2.during = () => void machine.alive.delete(100);
    await machine.run({ ...APP, isCluster: true }, 'reload');
    assert.deepEqual(machine.pm2.calls, ['reload 0']);
    assert.deepEqual([...machine.alive], []);
    assert.ok(!machine.signals.includes('SIGTERM 100'));
  });

  test('is a restart also where a reload was wanted outside of a cluster', async () => {
    const machine = new Machine();
    await machine.run(APP, 'reload');
    assert.deepEqual(machine.pm2.calls, []);
    assert.equal(machine.alive.size, 0);
  });
});

describe('a restart that PM2 cannot complete, because something is missing', () => {
  const doomed = managed({ env: { treekill: true, pm_cwd: '/nowhere/at/all' } });

  test('ends the app as a crash does, so that PM2 keeps its pid', async () => {
    const machine = new Machine(doomed);
    machine.isPsMissing = false;
    machine.atEnd = () => [{ ...doomed, status: 'stopped' }];
    await assert.rejects(machine.run(doomed), { message: /not started it again/ });
    assert.deepEqual(machine.signals, ['SIGTERM 102', 'SIGTERM 101', 'SIGTERM 100']);
    assert.deepEqual(machine.pm2.calls, []);
  });

  test('is left to PM2 in cluster mode, and where the processes cannot be seen', async () => {
    for (const change of [{ isCluster: true }, { isTold: false }]) {
      const app = { ...doomed, isCluster: 'isCluster' in change };
      const machine = new Machine(app);
      Object.assign(machine, { isPsMissing: false, isTold: !('isTold' in change) });
      await machine.run(app);
      assert.deepEqual([machine.pm2.calls, machine.signals], [['restart 0'], []]);
    }
  });
});

describe('a restart is left to PM2', () => {
  const cases: [string, ManagedProcess, boolean][] = [
    ['where ps is there', APP, false],
    ['of an app without treekill', managed({ env: { treekill: false } }), true],
    ['of one that it gave up', managed({ ...APP, status: 'errored', pid: 0 }), true],
  ];
  for (const [what, process, isPsMissing] of cases) {
    test(what, async () => {
      const machine = new Machine(process);
      machine.isPsMissing = isPsMissing;
      await machine.run(process);
      assert.deepEqual([machine.pm2.calls, machine.signals], [['restart 0'], []]);
    });
  }
});
