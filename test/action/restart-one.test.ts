import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { OperatorRace } from '../../src/action/operator-race.ts';
import { checkOrder, type RestartOrder } from '../../src/action/restart-order.ts';
import { issue } from '../../src/action/issue.ts';
import { restartOne } from '../../src/action/restart-one.ts';
import type { ExecutionResult } from '../../src/action/restart-order.ts';
import { createOsReader } from '../../src/os/create-reader.ts';
import { incarnationOf, type ManagedProcess } from '../../src/pm2/process.ts';
import { FakeClock } from '../support/fake-clock.ts';
import { FakePm2, managed } from '../support/fake-pm2.ts';

const WEB = managed();
const ORDER: RestartOrder = {
  pmId: 0,
  name: 'web',
  method: 'restart',
  incarnation: incarnationOf(WEB),
  orphan: [],
};
const TRIAL: RestartOrder = { ...ORDER, incarnation: null };

function pm2With(...processes: ManagedProcess[]): FakePm2 {
  const pm2 = new FakePm2();
  pm2.processes = processes;
  return pm2;
}

function execute(pm2: FakePm2, order = ORDER): Promise<ExecutionResult> {
  const watch = new OperatorRace(order, pm2, new FakeClock());
  const [clock, reader] = [new FakeClock(), createOsReader('aix')];
  const ports = { pm2, clock, reader, isPsMissing: async () => false };
  const issued = restartOne(order, pm2, watch, (process) => issue(order, process, ports));
  return issued.finally(() => watch.close());
}

describe('an order is compared with what PM2 says now', () => {
  const cases: [string, RestartOrder, ManagedProcess[], string | null][] = [
    ['the same life online', ORDER, [WEB], null],
    ['the app is gone', ORDER, [], 'PM2 no longer has this app'],
    [
      'its id was given to another app',
      ORDER,
      [managed({ name: 'api' })],
      'PM2 no longer has this app',
    ],
    ['it has another pid', ORDER, [managed({ pid: 101 })], 'the app was started again meanwhile'],
    [
      'it has another start time',
      ORDER,
      [managed({ startedAt: 5 })],
      'the app was started again meanwhile',
    ],
    ['it was stopped', ORDER, [managed({ status: 'stopped', pid: 0 })], 'PM2 says stopped'],
    [
      'PM2 waits to restart it',
      ORDER,
      [managed({ status: 'waiting restart' })],
      'PM2 says waiting restart',
    ],
    ['PM2 is launching it', ORDER, [managed({ status: 'launching' })], 'PM2 says launching'],
    ['a trial of an errored app', TRIAL, [managed({ status: 'errored', pid: 0 })], null],
    ['a trial of an app that came back', TRIAL, [WEB], 'PM2 says online'],
    ['another app is called like the id', ORDER, [WEB, managed({ pmId: 7, name: '0' })], null],
    [
      'a namespace is called like the id',
      ORDER,
      [WEB, managed({ pmId: 7, name: 'api', namespace: '0' })],
      null,
    ],
  ];
  for (const [what, order, processes, why] of cases) {
    test(what, () => {
      const check = checkOrder(order, processes);
      assert.equal(check.proceed ? null : check.reason, why);
    });
  }
});

describe('carrying out an order', () => {
  test('restarts once, by id', async () => {
    const pm2 = pm2With(WEB);
    assert.deepEqual(await execute(pm2), { result: 'done', detail: 'restarted' });
    assert.deepEqual(pm2.calls, ['restart 0']);
    assert.equal(pm2.listeners, 0);
  });

  test('reloads where that was decided', async () => {
    const pm2 = pm2With(WEB);
    await execute(pm2, { ...ORDER, method: 'reload' });
    assert.deepEqual(pm2.calls, ['reload 0']);
  });

  test('issues nothing while PM2 is not connected: it would run late', async () => {
    const pm2 = pm2With(WEB);
    pm2.isUp = false;
    const skipped = { result: 'skipped', detail: 'not connected to the PM2 daemon' };
    assert.deepEqual(await execute(pm2), skipped);
    assert.equal(pm2.lists, 0);
  });

  test('issues nothing when the operator stops the app while we look', async () => {
    const pm2 = pm2With(WEB);
    pm2.list = async () => {
      pm2.emit('stop', 0);
      return pm2.processes;
    };
    assert.deepEqual(await execute(pm2), { result: 'skipped', detail: 'the operator stopped it' });
    assert.deepEqual(pm2.calls, []);
  });

  test('a trial of a dead end (waiting restart without a pid) is executed', async () => {
    const pm2 = pm2With(managed({ status: 'waiting restart', pid: 0 }));
    assert.equal((await execute(pm2, TRIAL)).result, 'done');
  });

  test('issues nothing when the list does not come', async () => {
    const pm2 = pm2With(WEB);
    pm2.list = () => Promise.reject(new Error('no answer'));
    assert.deepEqual(await execute(pm2), { result: 'skipped', detail: 'no answer' });
    assert.equal(pm2.listeners, 0);
  });

  test('issues nothing when the order is out of date', async () => {
    const pm2 = pm2With(managed({ pid: 101 }));
    assert.equal((await execute(pm2)).result, 'skipped');
    assert.deepEqual(pm2.calls, []);
  });

  test('never repeats a call that failed', async () => {
    const pm2 = pm2With(WEB);
    pm2.restartError = new Error('Process with pid 100 already exists');
    assert.deepEqual(await execute(pm2), {
      result: 'failed',
      detail: 'Process with pid 100 already exists',
    });
    assert.deepEqual(pm2.calls, ['restart 0']);
  });
});
