import assert from 'node:assert/strict';
import { afterEach, describe, test } from 'node:test';
import { BoundedFiles } from '../../src/os/bounded-files.ts';
import { SelfCheck } from '../../src/monitor/self-check.ts';
import { Diagnoser } from '../../src/diagnosis/diagnose.ts';
import { Monitor } from '../../src/monitor/monitor.ts';
import type { MonitorDeps } from '../../src/monitor/monitor-deps.ts';
import { RestartSlot } from '../../src/monitor/restart-slot.ts';
import { createOsReader } from '../../src/os/create-reader.ts';
import type { MonitorListener } from '../../src/report/worker-events.ts';
import { systemClock, type Clock } from '../../src/time/clock.ts';
import { FakeClock } from '../support/fake-clock.ts';
import { noAppFiles } from '../support/no-app-files.ts';
import { FakePm2, managed } from '../support/fake-pm2.ts';
import { until } from '../support/until.ts';

let running: Monitor | null = null;

afterEach(async () => {
  await running?.stop();
  running = null;
});

/** A monitor of this many apps whose probes cost nothing. */
function watch(count: number, ports: Partial<MonitorDeps>): Monitor {
  const pm2 = new FakePm2();
  pm2.processes = Array.from({ length: count }, (_, pmId) =>
    managed({
      name: `app-${pmId}`,
      pmId,
      pid: 1_000 + pmId,
      block: { heartbeat: '1h', period: '200ms', startupPeriod: '200ms' },
    }),
  );
  const clock = ports.clock ?? systemClock;
  const diagnoser = {
    reader: createOsReader('aix'),
    clock,
    pm2Home: '/nowhere',
    ownPid: 1,
    pm2Pids: () => [],
    instances: () => [],
    isInspector: async () => false,
    files: new BoundedFiles(clock),
  };
  const monitor = new Monitor({
    clock,
    lostLook: { findReason: async () => null, isMissing: async () => false },

    random: () => Math.random(),
    selfCheck: new SelfCheck(clock),
    slot: new RestartSlot(),
    pm2,
    overrides: {},
    ownPmId: null,
    runAs: async () => ({ kind: 'unknown', reason: 'no command is run' }),
    createAppFiles: noAppFiles,
    removeStaleSocket: async () => false,
    blocks: { applyTo: (processes) => processes },
    files: { mark: async () => null, text: async () => null },
    createDiagnoser: () => new Diagnoser(diagnoser),
    restore: () => null,
    execute: () => assert.fail('nothing is to be restarted'),
    ...ports,
    emit: (event) => {
      if (event.type === 'misconfigured') assert.fail('nothing is wrong');
      if (event.type === 'bug') assert.fail(String(event.error));
      ports.emit?.(event);
    },
  });
  monitor.start();
  running = monitor;
  return monitor;
}

/** How often something happens in one turn of the event loop, at most. */
class MostInATurn {
  most = 0;
  total = 0;
  #now = 0;

  count(): void {
    if (this.#now === 0) setImmediate(() => (this.#now = 0));
    this.#now += 1;
    this.total += 1;
    this.most = Math.max(this.most, this.#now);
  }
}

describe('with many apps', () => {
  test('a new list is taken in by slices: reading thousands of blocks is no lag', async () => {
    const apps = 1_000;
    const [read, begun] = [new MostInATurn(), new MostInATurn()];
    // Every look at this clock finds it a tenth of a millisecond later.
    let time = 0;
    const clock: Clock = { ...systemClock, now: () => (time += 0.1) };
    watch(apps, {
      clock,
      selfCheck: new SelfCheck(new FakeClock()),
      restore: () => {
        read.count();
        return null;
      },
      emit: ({ type }) => {
        if (type === 'decision') begun.count();
      },
    });
    await until('all are watched', () => begun.total >= apps);
    assert.equal(read.total, apps);
    assert.ok(read.most <= 50, `${read.most} blocks in one turn`);
    assert.ok(begun.most <= 100, `${begun.most} decisions in one turn`);
  });

  test('a lag is reported to no worker at once; each sees it in its own turn, and is probed while it settles', async () => {
    const apps = 200;
    const guardClock = new FakeClock();
    const selfCheck = new SelfCheck(guardClock);
    const unknown = new Set<string>();
    const askedWhileUnknown = new Set<string>();
    const emit: MonitorListener = (event) => {
      if (event.type !== 'decision' && event.type !== 'sample') return;
      const { name, verdict } = event.type === 'sample' ? event.target.view() : event.view;
      if (verdict.state.name !== 'unknown') return;
      if (event.type === 'decision') unknown.add(name);
      if (event.type === 'sample') askedWhileUnknown.add(name);
    };
    const monitor = watch(apps, { selfCheck, emit });
    // Its own timer would see a clock that does not move.
    selfCheck.stop();
    await until(
      'all are asked',
      () => monitor.views().filter(({ last }) => last !== null).length === apps,
    );
    // In one turn: the lag, the beat that finds it, and the beat that finds it over.
    for (const ms of [10_500, 500]) {
      guardClock.monotonic += ms;
      guardClock.wallTime += ms;
      selfCheck.beat();
    }
    assert.equal(unknown.size, 0);
    await until('all have heard', () => unknown.size === apps);
    await until('all are asked on', () => askedWhileUnknown.size === apps);
  });
});
