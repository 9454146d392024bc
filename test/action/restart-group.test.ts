import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { RestartOrder } from '../../src/action/restart-order.ts';
import type { ExecutionResult } from '../../src/action/restart-order.ts';
import { execute as whole } from '../../src/action/execute.ts';
import { restartGroup } from '../../src/action/restart-group.ts';
import { createOsReader } from '../../src/os/create-reader.ts';
import { incarnationOf, type ManagedProcess } from '../../src/pm2/process.ts';
import { systemClock } from '../../src/time/clock.ts';
import { FakePm2, managed } from '../support/fake-pm2.ts';

const clock = { ...systemClock, sleep: async () => undefined };

/** A PM2 with three instances, each of which has a new incarnation after a restart or reload. */
class Cluster extends FakePm2 {
  override processes = [0, 1, 2].map((pmId) => managed({ pmId, pid: 100 + pmId }));

  override async reload(process: ManagedProcess): Promise<void> {
    await super.reload(process);
    this.change(process.pmId, { pid: process.pid + 100 });
  }

  change(pmId: number, fields: Partial<ManagedProcess>): void {
    this.processes = this.processes.map((each) =>
      each.pmId === pmId ? { ...each, ...fields } : each,
    );
  }
}

/** The order to reload the three, as they are now. */
function orderFor(pm2: Cluster): RestartOrder {
  const members = pm2.processes.map((each) => ({
    pmId: each.pmId,
    incarnation: incarnationOf(each),
  }));
  const incarnation = members[0]?.incarnation ?? null;
  return { pmId: 0, name: 'web', method: 'reload', incarnation, orphan: [], members };
}

async function execute(pm2: Cluster, order = orderFor(pm2)): Promise<ExecutionResult> {
  const reader = createOsReader('aix');
  const isPsMissing = async (): Promise<boolean> => false;
  return whole(order, {
    pm2,
    clock,
    reader,
    pm2Home: '/nowhere',
    isPsMissing,
    mayAct: async () => true,
  });
}

describe('an order for the instances behind one port', () => {
  test('is carried out for one after the other', async () => {
    const pm2 = new Cluster();
    assert.deepEqual(await execute(pm2), {
      result: 'done',
      detail: 'reloaded 3 of 3 instances',
    });
    assert.deepEqual(pm2.calls, ['reload 0', 'reload 1', 'reload 2']);
  });

  test('leaves alone processes with a new incarnation, or that were stopped or deleted meanwhile', async () => {
    const changes: ((pm2: Cluster) => void)[] = [
      (pm2) => pm2.change(1, { pid: 7 }),
      (pm2) => pm2.change(1, { status: 'stopped', pid: 0 }),
      (pm2) => {
        pm2.processes = pm2.processes.filter(({ pmId }) => pmId !== 1);
      },
    ];
    for (const change of changes) {
      const pm2 = new Cluster();
      const order = orderFor(pm2);
      change(pm2);
      const { result, detail } = await execute(pm2, order);
      assert.equal(result, 'done');
      assert.match(detail, /^reloaded 2 of 3 instances; the first that was not: /);
      assert.deepEqual(pm2.calls, ['reload 0', 'reload 2']);
    }
  });

  test('an operator’s stop in the middle of it wins for each process that it hit', async () => {
    const pm2 = new Cluster();
    pm2.during = () => {
      if (pm2.calls.length === 1) pm2.emit('stop', 0);
      if (pm2.calls.length === 1) pm2.change(1, { status: 'stopped', pid: 0 });
    };
    await execute(pm2);
    assert.deepEqual(pm2.calls, ['reload 0', 'stop 0', 'reload 2']);
  });

  test('has failed while an old incarnation still runs', async () => {
    const pm2 = new Cluster();
    pm2.reload = async ({ pmId }) => {
      if (pmId === 1) throw new Error('no answer within 35000 ms');
      pm2.change(pmId, { pid: 7 });
    };
    assert.deepEqual(await execute(pm2), {
      result: 'failed',
      detail: 'reloaded 2 of 3 instances; the first that was not: no answer within 35000 ms',
    });
  });

  test('is done when a call failed but the incarnation is over', async () => {
    const pm2 = new Cluster();
    pm2.reload = async ({ pmId }) => {
      pm2.change(pmId, { pid: 7 });
      if (pmId === 1) throw new Error('no answer within 35000 ms');
    };
    assert.equal((await execute(pm2)).result, 'done');
  });

  test('was not issued, and is not charged, while somebody else reloads', async () => {
    const pm2 = new Cluster();
    pm2.restartError = new Error('pm2 reload: Reload in progress');
    assert.equal((await execute(pm2)).result, 'skipped');
  });

  test('was not issued when all have new incarnations, or PM2 is gone', async () => {
    const pm2 = new Cluster();
    const order = orderFor(pm2);
    for (const pmId of [0, 1, 2]) pm2.change(pmId, { pid: 7 });
    assert.equal((await execute(pm2, order)).result, 'skipped');
    pm2.isUp = false;
    assert.equal((await execute(pm2)).result, 'skipped');
    assert.deepEqual(pm2.calls, []);
  });

  test('that stops an orphan does so once, and starts the others only where PM2 gave them up', async () => {
    const orphan = [{ pid: 5, birth: 'b' }];
    const seen: [number, number][] = [];
    const run = (
      result: ExecutionResult['result'],
      incarnation: string | null,
    ): Promise<ExecutionResult> => {
      seen.length = 0;
      const members = [0, 1].map((pmId) => ({ pmId, incarnation }));
      const order: RestartOrder = { ...orderFor(new Cluster()), incarnation, orphan, members };
      return restartGroup(order, members, new FakePm2(), async (single) => {
        seen.push([single.pmId, single.orphan.length]);
        return { result, detail: '' };
      });
    };
    assert.equal((await run('cleared', 'a')).result, 'cleared');
    assert.deepEqual(seen, [[0, 1]]);
    assert.equal((await run('failed', null)).result, 'failed');
    assert.deepEqual(seen, [[0, 1]]);
    assert.equal((await run('done', null)).result, 'done');
    assert.deepEqual(seen, [
      [0, 1],
      [1, 0],
    ]);
  });
});
