import assert from 'node:assert/strict';
import { createServer, type Server } from 'node:net';
import { after, afterEach, before, describe, test, type TestContext } from 'node:test';
import { BoundedFiles } from '../../src/os/bounded-files.ts';
import type { RestartOrder } from '../../src/action/restart-order.ts';
import type { ExecutionResult } from '../../src/action/restart-order.ts';
import { SelfCheck } from '../../src/monitor/self-check.ts';
import { Diagnoser } from '../../src/diagnosis/diagnose.ts';
import { Monitor } from '../../src/monitor/monitor.ts';
import { RestartSlot } from '../../src/monitor/restart-slot.ts';
import { createOsReader } from '../../src/os/create-reader.ts';
import type { ManagedProcess } from '../../src/pm2/process.ts';
import type { Misconfigured } from '../../src/target/block-cache.ts';
import type { TargetView } from '../../src/report/view.ts';
import { systemClock } from '../../src/time/clock.ts';
import { noAppFiles } from '../support/no-app-files.ts';
import { FakePm2, managed } from '../support/fake-pm2.ts';
import { holds, until } from '../support/until.ts';

/** When the first incarnation of an instance began. */
const BORN_AT = systemClock.wall() - 60_000;

/** A system that shows nothing. */
const NOBODY = createOsReader('aix');

describe('the monitor, with a PM2 that does what the test says', () => {
  let server: Server;
  let port: number;
  let running: Monitor | null = null;
  let answer: (execution: ExecutionResult) => void = () => undefined;

  before(async () => {
    server = createServer((socket) => socket.destroy());
    await new Promise<void>((resolve) => {
      server.listen(0, '127.0.0.1', resolve);
    });
    const address = server.address();
    port = typeof address === 'object' && address !== null ? address.port : 0;
  });

  after(() => {
    server.close();
  });

  afterEach(async () => {
    answer({ result: 'skipped', detail: 'the test is over' });
    await running?.stop();
    running = null;
  });

  /** An app that asks to be watched; nothing listens on port 1. */
  function app(
    name: string,
    pmId: number,
    at = port,
    more: Partial<ManagedProcess> = {},
    failureThreshold = 2,
  ): ManagedProcess {
    const fast = {
      period: '100ms',
      fastPeriod: '50ms',
      startupPeriod: '50ms',
      startupTimeout: '100ms',
    };
    return managed({
      name,
      pmId,
      pid: 1_000 + pmId,
      startedAt: systemClock.wall() - 60_000,
      block: { tcp: `127.0.0.1:${at}`, ...fast, failureThreshold },
      ...more,
    });
  }

  /** A running monitor, and what it orders and says. */
  function watch(...processes: ManagedProcess[]): {
    pm2: FakePm2;
    monitor: Monitor;
    orders: RestartOrder[];
    refused: Misconfigured[];
    answer: (execution: ExecutionResult) => void;
  } {
    const pm2 = new FakePm2();
    pm2.processes = processes;
    const orders: RestartOrder[] = [];
    const refused: Misconfigured[] = [];
    const monitor = new Monitor({
      clock: systemClock,
      lostLook: { findReason: async () => null, isMissing: async () => false },

      random: () => 0.5,
      selfCheck: new SelfCheck(systemClock),
      slot: new RestartSlot(),
      pm2,
      overrides: {},
      ownPmId: 99,
      runAs: async () => ({ kind: 'unknown', reason: 'no test runs a command' }),
      createAppFiles: noAppFiles,
      removeStaleSocket: async () => false,
      blocks: { applyTo: (processes) => processes },
      files: { mark: async () => null, text: async () => null },
      createDiagnoser: () =>
        new Diagnoser({
          reader: NOBODY,
          clock: systemClock,
          pm2Home: '/nowhere',
          isInspector: async () => false,
          files: new BoundedFiles(systemClock),
          ownPid: process.pid,
          pm2Pids: () => [],
          instances: () => [],
        }),
      restore: () => null,
      execute: (order) => {
        orders.push(order);
        return new Promise((resolve) => {
          answer = resolve;
        });
      },
      emit: (event) => {
        if (event.type === 'misconfigured') refused.push(event.app);
        if (event.type === 'bug') assert.fail(String(event.error));
      },
    });
    monitor.start();
    running = monitor;
    return { pm2, monitor, orders, refused, answer: (execution) => answer(execution) };
  }

  function stateOf(monitor: Monitor, name: string): string | undefined {
    return monitor.views().find((view: TargetView) => view.name === name)?.verdict.state.name;
  }

  function reaches(monitor: Monitor, name: string, state: string): Promise<true> {
    return until(`${name} is ${state}`, () => stateOf(monitor, name) === state || false, {
      everyMs: 10,
      withinMs: 60_000,
    });
  }

  test('watches apps with a block, and neither itself nor others', async () => {
    const { monitor } = watch(app('web', 0), managed({ name: 'bare', pmId: 1 }), app('self', 99));
    await reaches(monitor, 'web', 'healthy');
    assert.deepEqual(
      monitor.views().map(({ name }) => name),
      ['web'],
    );
  });

  test('says of no app that runs that it is paused, while many are taken in', async () => {
    const apps = Array.from({ length: 300 }, (_, pmId) =>
      app(`app-${pmId}`, pmId < 99 ? pmId : pmId + 1),
    );
    const { monitor } = watch(...apps);
    for (let seen = 0; seen < apps.length;) {
      const views = monitor.views();
      const paused = views.filter(({ verdict }) => verdict.state.name === 'paused');
      assert.equal(paused.length, 0, `${paused.length} of ${views.length}`);
      seen = views.length;
      await new Promise((resolve) => setImmediate(resolve));
    }
  });

  test('orders one restart at a time over all apps', async () => {
    const { monitor, orders } = watch(app('a', 0, 1), app('b', 1, 1));
    await until('the first order', () => orders.length > 0, { everyMs: 10 });
    await reaches(monitor, orders[0]?.name === 'a' ? 'b' : 'a', 'backoff');
    await holds('there is no second order', 500, () => orders.length === 1);
  });

  test('when one begins to fail, the others are probed at once and all are held', async () => {
    const shared = createServer((socket) => socket.destroy());
    await new Promise<void>((resolve) => {
      shared.listen(0, '127.0.0.1', resolve);
    });
    const address = shared.address();
    assert.ok(typeof address === 'object' && address !== null);
    const { port: at } = address;
    // Two of them would be asked again in a minute only; the threshold takes the first half a second.
    const apps = ['a', 'b', 'c'].map((name, id) => {
      const { block, ...rest } = app(name, id, at, {}, 8);
      const period = name === 'a' ? '100ms' : '60s';
      return managed({ ...rest, block: { ...(block as object), period } });
    });
    const { monitor, orders } = watch(...apps);
    for (const { name } of apps) await reaches(monitor, name, 'healthy');
    shared.close();
    for (const { name } of apps) await reaches(monitor, name, 'backoff');
    assert.deepEqual(orders, []);
  });

  test('holds when all of three begin to fail together', async () => {
    const shared = createServer((socket) => socket.destroy());
    await new Promise<void>((resolve) => {
      shared.listen(0, '127.0.0.1', resolve);
    });
    const address = shared.address();
    assert.ok(typeof address === 'object' && address !== null);
    const names = ['a', 'b', 'c'];
    // Threshold 20 takes a second: with 2, the first is restarted before the others are even asked.
    const apps = names.map((name, id) => app(name, id, address.port, {}, 20));
    const { monitor, orders } = watch(...apps);
    for (const name of names) await reaches(monitor, name, 'healthy');
    shared.close();
    for (const name of names) await reaches(monitor, name, 'backoff');
    await holds('there is no order', 1_000, () => orders.length === 0);
  });

  test('addresses the restart to the incarnation that failed', async () => {
    const failing = app('web', 3, 1);
    const { orders } = watch(failing);
    await until('the order', () => orders.length > 0, { everyMs: 10 });
    assert.deepEqual(orders[0], {
      pmId: 3,
      name: 'web',
      method: 'restart',
      incarnation: `3:1003:${failing.startedAt}`,
      orphan: [],
    });
  });

  test('follows a new incarnation after the restart', async () => {
    const failing = app('web', 0, 1);
    const { pm2, monitor, orders, answer } = watch(failing);
    await until('the order', () => orders.length > 0, { everyMs: 10 });
    assert.equal(stateOf(monitor, 'web'), 'restarting');
    pm2.processes = [app('web', 0, port, { pid: 2_000, startedAt: systemClock.wall() })];
    answer({ result: 'done', detail: 'restarted' });
    pm2.emit('restart', 0);
    await reaches(monitor, 'web', 'healthy');
    assert.equal(monitor.views()[0]?.restartsTotal, 1);
  });

  test('a stop that the bus reports is believed at once', async () => {
    const { pm2, monitor } = watch(app('web', 0));
    await reaches(monitor, 'web', 'healthy');
    pm2.processes = [app('web', 0, port, { status: 'stopped', pid: 0 })];
    const before = pm2.lists;
    pm2.emit('stop', 0);
    await reaches(monitor, 'web', 'paused');
    // A stop that nobody announced has to stand for half of a second: several lists.
    assert.ok(pm2.lists - before <= 2, `${pm2.lists - before} lists`);
  });

  test('an app whose stop was heard is not restarted, however late PM2 lists it', async () => {
    const { pm2, monitor, orders } = watch(app('web', 0, 1, {}, 20));
    await until('it fails', () => (monitor.views()[0]?.verdict.incident ?? null) !== null, {
      everyMs: 5,
    });
    let answerNow: (list: ManagedProcess[]) => void = () => undefined;
    pm2.list = () => new Promise((resolve) => (answerNow = resolve));
    pm2.emit('stop', 0);
    await until('a restart is due', () => stateOf(monitor, 'web') === 'backoff', { everyMs: 5 });
    assert.deepEqual(orders, []);
    answerNow([]);
  });

  test('an app that leaves the list is dropped; so is one whose block is taken away', async () => {
    const { pm2, monitor } = watch(app('a', 0), app('b', 1));
    await reaches(monitor, 'b', 'healthy');
    pm2.processes = [app('a', 0, port, { block: undefined })];
    pm2.emit('exit', 1);
    await until('both are dropped', () => monitor.views().length === 0, { everyMs: 10 });
  });

  test('an id that another app has taken over is another target', async () => {
    const { pm2, monitor } = watch(app('a', 0));
    await reaches(monitor, 'a', 'healthy');
    const [before] = monitor.workersOf('a');
    pm2.processes = [app('b', 0)];
    pm2.emit('online', 0);
    await reaches(monitor, 'b', 'healthy');
    assert.equal(monitor.views().length, 1);
    assert.notEqual(monitor.workersOf('b')[0], before);
  });

  test('a bad block is refused once, and does not keep others from being watched', async () => {
    const bad = app('bad', 1, port, { block: { tcp: 'x', perod: 1 } });
    const { pm2, monitor, refused } = watch(bad, app('web', 0));
    await reaches(monitor, 'web', 'healthy');
    pm2.emit('online', 0);
    await holds('it is told once', 300, () => refused.length === 1);
    assert.equal(refused[0]?.isWatched, false);
    assert.deepEqual(
      monitor.misconfigured().map(({ name }) => name),
      ['bad'],
    );
    pm2.processes = [app('web', 0)];
    pm2.emit('exit', 1);
    await until('it is forgotten', () => monitor.misconfigured().length === 0, { everyMs: 10 });
  });

  test('judges nothing while PM2 does not answer', async () => {
    const { pm2, monitor, orders } = watch(app('web', 0));
    await reaches(monitor, 'web', 'healthy');
    pm2.isUp = false;
    pm2.emit('exit', 0);
    await reaches(monitor, 'web', 'unknown');
    assert.equal(orders.length, 0);
  });

  /** An app that promises a heartbeat every 200 ms. */
  function beating(pmId: number, more: Partial<ManagedProcess> = {}): ManagedProcess {
    const block = { heartbeat: '200ms', period: '100ms', fastPeriod: '50ms', failureThreshold: 2 };
    return app('web', pmId, 0, { block, isCluster: true, instance: pmId, ...more });
  }

  /** Has these apps beat until the test is over. */
  function beat(t: TestContext, pm2: FakePm2, ...pmIds: number[]): () => void {
    const timer = setInterval(() => {
      for (const pmId of pmIds) pm2.beat(pmId);
    }, 50);
    t.after(() => clearInterval(timer));
    return () => clearInterval(timer);
  }

  test('of workers that send heartbeats, the one that falls silent is restarted alone', async (t) => {
    const { pm2, monitor, orders } = watch(beating(0), beating(1), beating(2));
    beat(t, pm2, 0, 2);
    const silence = beat(t, pm2, 1);
    await until('all three are healthy', () => {
      const views = monitor.views();
      return views.length === 3 && views.every(({ verdict }) => verdict.state.name === 'healthy');
    });
    silence();
    await until('the order', () => orders.length > 0, { everyMs: 10 });
    await holds('it is the only one', 1_000, () => orders.length === 1);
    assert.equal(orders[0]?.pmId, 1);
    assert.equal(orders[0].members, undefined);
  });

  test('a silence while the bus is down, or PM2 is, is no silence of the app', async (t) => {
    const { pm2, monitor, orders } = watch(beating(0));
    const silence = beat(t, pm2, 0);
    await reaches(monitor, 'web', 'healthy');
    silence();
    pm2.bus = null;
    await until('it is not judged', () => lastOf(monitor)?.kind === 'unknown');
    await holds('it is left alone', 2_000, () => orders.length === 0);
    // Nor is it known to be well.
    assert.equal(stateOf(monitor, 'web'), 'unknown');
    pm2.bus = 1;
    await until('the silence counts', () => orders.length > 0, { everyMs: 10 });
  });

  test('a silence is judged only by a PM2 that was seen to work after it', async (t) => {
    const { pm2, monitor, orders } = watch(beating(0));
    const silence = beat(t, pm2, 0);
    await reaches(monitor, 'web', 'healthy');
    let goOn: () => void = () => undefined;
    const held = new Promise<void>((resolve) => {
      goOn = resolve;
    });
    const list = pm2.list.bind(pm2);
    pm2.list = async () => held.then(list);
    pm2.emit('online', 0);
    silence();
    await until('it is not judged', () => lastOf(monitor)?.kind === 'unknown');
    await holds('it is left alone', 2_000, () => orders.length === 0);
    goOn();
    await until('the silence counts', () => orders.length > 0, { everyMs: 10 });
  });

  function lastOf(monitor: Monitor): TargetView['last'] | undefined {
    return monitor.views()[0]?.last;
  }

  /** Instances of one app in cluster mode; those with their own `pid` are another incarnation. */
  function instances(at: number, ...lives: [pmId: number, pid: number][]): ManagedProcess[] {
    return lives.map(([pmId, pid]) =>
      app('web', pmId, at, {
        pid,
        instance: pmId,
        isCluster: true,
        startedAt: BORN_AT + pid,
      }),
    );
  }

  test('instances behind one port are one target, and cost one order for all', async () => {
    const hung = instances(1, [0, 100], [1, 101], [2, 102]);
    const { pm2, monitor, orders, answer } = watch(...hung);
    await until('the order', () => orders.length > 0, { everyMs: 10 });
    assert.equal(monitor.views().length, 1);
    assert.equal(monitor.workersOf('web').length, 1);
    assert.equal(orders[0]?.method, 'reload');
    assert.deepEqual(
      orders[0]?.members?.map(({ pmId }) => pmId),
      [0, 1, 2],
    );
    // With the last one replaced it is a new incarnation, which is probed before anything else is done.
    pm2.processes = instances(1, [0, 200], [1, 201], [2, 102]);
    pm2.emit('online', 1);
    await holds('it is still being restarted', 400, () => stateOf(monitor, 'web') === 'restarting');
    pm2.processes = instances(port, [0, 200], [1, 201], [2, 202]);
    answer({ result: 'done', detail: 'reloaded 3 of 3 instances' });
    pm2.emit('reload', 2);
    await reaches(monitor, 'web', 'healthy');
    const [view] = monitor.views();
    assert.deepEqual([view?.restartsTotal, view?.verdict.memory.budget.length], [1, 1]);
  });

  test('an instance that PM2 revives again and again does not hide that all hang', async () => {
    let pid = 200;
    const lists = (): ManagedProcess[] =>
      instances(1, [0, 100], [1, 101], [2, (pid += 1)]).map((each) => ({
        ...each,
        // So many samples that it is revived, and seen so, many times meanwhile.
        block: { ...(each.block as object), failureThreshold: 12 },
      }));
    const { pm2, orders } = watch(...lists());
    const revive = setInterval(() => {
      pm2.processes = lists();
      pm2.emit('exit', 2, false);
    }, 20);
    try {
      await until('the order', () => orders.length > 0, { everyMs: 10 });
    } finally {
      clearInterval(revive);
    }
    assert.deepEqual(
      orders[0]?.members?.map(({ pmId }) => pmId),
      [0, 1, 2],
    );
  });

  test('a target keeps its worker while it is scaled, renumbered and probed elsewhere', async () => {
    const { pm2, monitor } = watch(...instances(port, [0, 100], [1, 101], [2, 102]));
    await reaches(monitor, 'web', 'healthy');
    const [before] = monitor.workersOf('web');
    const follows = async (...processes: ManagedProcess[]): Promise<void> => {
      pm2.processes = processes;
      pm2.emit('online', 0);
      await until('it is followed', () => {
        const [view, ...others] = monitor.views();
        const isThis = view?.instances?.all === processes.length;
        return isThis && view.pmId === processes[0]?.pmId && others.length === 0;
      });
      assert.equal(monitor.workersOf('web')[0], before);
      assert.equal(monitor.views()[0]?.instance, 0);
      await reaches(monitor, 'web', 'healthy');
    };
    await follows(...instances(port, [1, 101], [2, 102]));
    await follows(...instances(port, [2, 102]));
    await follows(...instances(port, [2, 102], [3, 103], [4, 104]));
    await follows(...instances(port, [7, 201], [8, 202]));
    const elsewhere = createServer((socket) => socket.destroy());
    await new Promise<void>((resolve) => {
      elsewhere.listen(0, '127.0.0.1', resolve);
    });
    const address = elsewhere.address();
    assert.ok(typeof address === 'object' && address !== null);
    await follows(...instances(address.port, [7, 301]));
    elsewhere.close();
  });

  test('instances with a port each are a target each', async () => {
    const { monitor, orders } = watch(...instances(port, [0, 100]), ...instances(1, [1, 101]));
    await until('the order', () => orders.length > 0, { everyMs: 10 });
    assert.equal(monitor.views().length, 2);
    assert.deepEqual([orders[0]?.pmId, orders[0]?.members], [1, undefined]);
  });

  test('a bad block is reported once, no matter how many instances have it', async () => {
    const block = { tcp: 'x' };
    const bad = instances(port, [0, 100], [1, 101], [2, 102]).map((each) => ({ ...each, block }));
    const { monitor, refused } = watch(...bad, app('api', 5));
    await reaches(monitor, 'api', 'healthy');
    assert.equal(refused.length, 1);
    assert.equal(monitor.misconfigured().length, 1);
  });

  test('a bad block leaves the last good one in force', async () => {
    const { pm2, monitor, refused } = watch(app('web', 0));
    await reaches(monitor, 'web', 'healthy');
    const [before] = monitor.workersOf('web');
    pm2.processes = [app('web', 0, port, { block: { tcp: 'x' } })];
    pm2.emit('restart', 0);
    await until('it is told', () => refused.length === 1, { everyMs: 10 });
    assert.equal(refused[0]?.isWatched, true);
    assert.equal(monitor.workersOf('web')[0], before);
    pm2.processes = [app('web', 0, port, { startedAt: 5 })];
    pm2.emit('restart', 0);
    await until('it is forgotten', () => monitor.misconfigured().length === 0, { everyMs: 10 });
  });

  test('stops twice, and leaves nothing behind', async () => {
    const { pm2, monitor } = watch(app('web', 0));
    await reaches(monitor, 'web', 'healthy');
    await Promise.all([monitor.stop(), monitor.stop()]);
    assert.equal(pm2.listeners, 0);
    assert.equal(monitor.views().length, 0);
  });
});
