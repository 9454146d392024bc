import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { RestartOrder } from '../../src/action/restart-order.ts';
import { execute } from '../../src/action/execute.ts';
import { createOsReader } from '../../src/os/create-reader.ts';
import type { OsReader } from '../../src/os/os-reader.ts';
import type { ManagedProcess } from '../../src/pm2/process.ts';
import { systemClock } from '../../src/time/clock.ts';
import { FakePm2, managed } from '../support/fake-pm2.ts';

/** A pid that no process has: beyond what the kernel gives out. */
const NOBODY = 2 ** 30;
const ORDER: RestartOrder = {
  pmId: 0,
  name: 'web',
  method: 'restart',
  incarnation: null,
  orphan: [{ pid: NOBODY, birth: 'b' }],
};

/** A system in which the orphan is gone after this many looks. */
function readerWith(looks: number): OsReader & { asked: () => number } {
  let asked = 0;
  return {
    ...createOsReader('aix'),
    asked: () => asked,
    births: async () => {
      asked += 1;
      return asked > looks ? new Map() : new Map([[NOBODY, 'b']]);
    },
  };
}

const isPsMissing = async (): Promise<boolean> => false;

async function run(
  processes: ManagedProcess[],
  looks = 0,
): Promise<{ calls: string[]; result: string; detail: string; asked: number }> {
  const pm2 = new FakePm2();
  pm2.processes = processes;
  const reader = readerWith(looks);
  const clock = { ...systemClock, sleep: async () => undefined };
  const { result, detail } = await execute(ORDER, {
    pm2,
    clock,
    reader,
    pm2Home: '/nowhere',
    isPsMissing,
    mayAct: async () => true,
  });
  return { calls: pm2.calls, result, detail, asked: reader.asked() };
}

describe('stopping an orphan', () => {
  test('leaves the app that PM2 runs alone: it can bind its port now', async () => {
    for (const process of [managed({ pid: 999 }), managed({ status: 'waiting restart', pid: 5 })]) {
      const { calls, result, detail } = await run([process]);
      assert.deepEqual(calls, []);
      assert.equal(result, 'cleared');
      assert.equal(detail, `stopped the old process ${NOBODY} of the app; PM2 runs the app`);
    }
  });

  test('starts an app that PM2 gave up', async () => {
    const { calls, result } = await run([managed({ status: 'errored', pid: 0 })]);
    assert.deepEqual(calls, ['restart 0']);
    assert.equal(result, 'done');
  });

  test('is not begun while PM2 is not connected, or does not answer', async () => {
    const pm2 = new FakePm2();
    pm2.isUp = false;
    const ports = {
      pm2,
      clock: systemClock,
      reader: readerWith(0),
      pm2Home: '/nowhere',
      isPsMissing,
      mayAct: async () => true,
    };
    assert.equal((await execute(ORDER, ports)).result, 'skipped');
    pm2.isUp = true;
    pm2.list = () => Promise.reject(new Error('no answer'));
    assert.equal((await execute(ORDER, ports)).result, 'skipped');
  });

  test('is not begun for an app that was stopped or deleted', async () => {
    for (const processes of [
      [managed({ status: 'stopped', pid: 0 })],
      [managed({ status: 'stopping' })],
      [],
      [managed({ name: 'api' })],
    ]) {
      const { calls, result, asked } = await run(processes);
      assert.deepEqual(calls, []);
      assert.equal(result, 'skipped');
      assert.equal(asked, 0, 'nobody was looked at, let alone signalled');
    }
  });

  test('is not begun when PM2 runs that very process by now', async () => {
    const { result, asked } = await run([managed(), managed({ pmId: 1, name: 'b', pid: NOBODY })]);
    assert.equal(result, 'skipped');
    assert.equal(asked, 0);
  });
});
