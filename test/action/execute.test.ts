import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { ActionDeps } from '../../src/action/action-deps.ts';
import { execute } from '../../src/action/execute.ts';
import type { RestartOrder } from '../../src/action/restart-order.ts';
import type { ExecutionResult } from '../../src/action/restart-order.ts';
import { createOsReader } from '../../src/os/create-reader.ts';
import { incarnationOf } from '../../src/pm2/process.ts';
import { FakeClock } from '../support/fake-clock.ts';
import { FakePm2, managed } from '../support/fake-pm2.ts';
import { until } from '../support/until.ts';

const WEB = managed();
/** The incarnation that our restart starts. */
const NEW = managed({ pid: 200, startedAt: WEB.startedAt + 1_000, restarts: WEB.restarts + 1 });
const STOPPED = managed({ status: 'stopped', pid: 0 });
const ORDER: RestartOrder = {
  pmId: 0,
  name: 'web',
  method: 'restart',
  incarnation: incarnationOf(WEB),
  orphan: [],
};

/** A system that shows nothing: no process is found, and none is signalled. */
const BLIND = createOsReader('aix');

/** One restart, and what an operator does meanwhile. */
class Story {
  readonly pm2 = new FakePm2();
  readonly clock = new FakeClock();
  readonly late: string[] = [];
  #done: ExecutionResult | null = null;

  constructor(during: (pm2: FakePm2) => void, order = ORDER, web = WEB) {
    this.pm2.processes = [web];
    this.pm2.during = () => {
      this.pm2.processes = [NEW];
      during(this.pm2);
    };
    const ports = {
      pm2: this.pm2,
      clock: this.clock,
      reader: BLIND,
      pm2Home: '/nowhere',
      isPsMissing: async () => false,
      mayAct: async () => true,
    };
    void this.#run(order, ports);
  }

  async #run(order: RestartOrder, ports: ActionDeps): Promise<void> {
    this.#done = await execute(order, ports, ({ detail }) => this.late.push(detail));
  }

  /** The app is ended, is not listed for a moment, and is back: a call slow enough to look meanwhile. */
  async vanishes(method: 'restart' | 'reload'): Promise<void> {
    this.pm2.calls.push(`${method} 0`);
    this.pm2.processes = [];
    this.pm2.emit('exit', 0, false);
    await new Promise((resolve) => setImmediate(resolve));
    this.pm2.processes = [NEW];
  }

  /** What came of it. */
  async end(): Promise<ExecutionResult> {
    return until('it has ended', async () => {
      await this.clock.pass(100);
      return this.#done;
    });
  }
}

describe('an operator who crosses our restart', () => {
  test('nobody does: the restart is all', async () => {
    const story = new Story(() => undefined);
    assert.deepEqual(await story.end(), { result: 'done', detail: 'restarted as pid 200' });
    await story.clock.pass(10_000);
    assert.deepEqual(story.pm2.calls, ['restart 0']);
    assert.equal(story.pm2.listeners, 0);
    assert.deepEqual(story.late, []);
  });

  for (const wish of ['stop', 'delete'] as const) {
    const word = wish === 'stop' ? 'stopped' : 'deleted';

    test(`a ${wish} that is lost in it is repeated`, async () => {
      const story = new Story((pm2) => pm2.emit(wish, 0));
      const { detail } = await story.end();
      assert.equal(detail, `the operator ${word} it meanwhile: ${word} again`);
      assert.deepEqual(story.pm2.calls, ['restart 0', `${wish} 0`]);
    });

    test(`a ${wish} that is reported seconds later is repeated too`, async () => {
      const story = new Story(() => undefined);
      assert.deepEqual(await story.end(), { result: 'done', detail: 'restarted as pid 200' });
      await story.clock.pass(2_000);
      story.pm2.emit(wish, 0);
      await until('it is told', () => story.late.length > 0);
      assert.deepEqual(story.late, [`the operator ${word} it meanwhile: ${word} again`]);
      assert.deepEqual(story.pm2.calls, ['restart 0', `${wish} 0`]);
      assert.equal(story.pm2.listeners, 0);
    });

    test(`a ${wish}, after which somebody started the app again, is not repeated`, async () => {
      const story = new Story(() => undefined);
      await story.end();
      story.pm2.processes = [managed({ pid: 300, startedAt: NEW.startedAt + 1_000 })];
      story.pm2.emit(wish, 0);
      await story.clock.pass(10_000);
      assert.deepEqual(story.pm2.calls, ['restart 0']);
    });

    test(`a ${wish} of another app, or one that PM2 made itself, is not the operator’s`, async () => {
      const story = new Story((pm2) => {
        pm2.emit(wish, 1);
        pm2.emit(wish, 0, false);
      });
      await story.end();
      assert.deepEqual(story.pm2.calls, ['restart 0']);
    });
  }

  for (const event of ['restart', 'start', 'reload']) {
    test(`a stop and a ${event} of the operator, both during our call, end as the operator wanted`, async () => {
      const story = new Story((pm2) => {
        pm2.emit('stop', 0);
        pm2.processes = [managed({ pid: 300, startedAt: NEW.startedAt + 1_000 })];
        pm2.emit(event, 0);
      });
      assert.deepEqual(await story.end(), { result: 'done', detail: 'restarted as pid 300' });
      await story.clock.pass(10_000);
      assert.deepEqual(story.pm2.calls, ['restart 0']);
    });
  }

  test('a stop that has held is not repeated', async () => {
    const story = new Story((pm2) => {
      pm2.emit('stop', 0);
      pm2.processes = [STOPPED];
    });
    assert.equal((await story.end()).detail, 'the operator stopped it meanwhile');
    assert.deepEqual(story.pm2.calls, ['restart 0']);
  });

  test('a stop seconds later that had its effect is not reported', async () => {
    const story = new Story(() => undefined);
    await story.end();
    story.pm2.processes = [STOPPED];
    story.pm2.emit('stop', 0);
    await story.clock.pass(10_000);
    assert.deepEqual(story.late, []);
    assert.deepEqual(story.pm2.calls, ['restart 0']);
  });

  test('a delete counts more than a stop, in any order', async () => {
    for (const wishes of [['stop', 'delete'] as const, ['delete', 'stop'] as const]) {
      const story = new Story((pm2) => {
        for (const wish of wishes) pm2.emit(wish, 0);
      });
      await story.end();
      assert.deepEqual(story.pm2.calls, ['restart 0', 'delete 0']);
    }
  });

  test('an app that was not listed while it was down had been deleted', async () => {
    const story = new Story(() => undefined);
    story.pm2.restart = () => story.vanishes('restart');
    assert.equal((await story.end()).detail, 'the operator deleted it meanwhile: deleted again');
    assert.deepEqual(story.pm2.calls, ['restart 0', 'delete 0']);
  });

  /** PM2 reports the exit of the old incarnation this many times, then the new one. */
  const exits = (pm2: FakePm2, times: number): void => {
    for (let time = 0; time < times; time += 1) pm2.emit('exit', 0, false);
    pm2.emit('online', 0, false);
  };

  test('a delete that waited for the same exit, and is not reported, is repeated', async () => {
    const story = new Story((pm2) => exits(pm2, 3));
    assert.deepEqual(await story.end(), { result: 'done', detail: 'restarted as pid 200' });
    await until('it is told', async () => {
      await story.clock.pass(1_000);
      return story.late.length > 0;
    });
    assert.deepEqual(story.late, ['the operator deleted it meanwhile: deleted again']);
    assert.deepEqual(story.pm2.calls, ['restart 0', 'delete 0']);
  });

  test('a third exit is PM2’s own where it has restarted the app twice', async () => {
    const story = new Story((pm2) => {
      pm2.processes = [{ ...NEW, restarts: WEB.restarts + 2 }];
      exits(pm2, 3);
    });
    await story.end();
    await story.clock.pass(10_000);
    assert.deepEqual(story.pm2.calls, ['restart 0']);
  });

  test('two exits are those of our own restart', async () => {
    const story = new Story((pm2) => exits(pm2, 2));
    await story.end();
    await story.clock.pass(10_000);
    assert.deepEqual(story.pm2.calls, ['restart 0']);
  });

  test('the third exit is that of a stop, where one is reported', async () => {
    const story = new Story((pm2) => {
      exits(pm2, 3);
      pm2.emit('stop', 0);
    });
    await story.end();
    await story.clock.pass(10_000);
    assert.deepEqual(story.pm2.calls, ['restart 0', 'stop 0']);
  });

  test('an operator who stopped and started it again wanted no delete', async () => {
    const story = new Story((pm2) => {
      exits(pm2, 3);
      pm2.emit('restart', 0);
    });
    await story.end();
    await story.clock.pass(10_000);
    assert.deepEqual(story.pm2.calls, ['restart 0']);
  });

  test('a new incarnation that exits before PM2 calls it online was not deleted', async () => {
    // PM2 6, `wait_ready`: exit, exit, the new incarnation's exit, and only then online.
    const story = new Story((pm2) => {
      pm2.emit('exit', 0, false);
      pm2.emit('exit', 0, false);
      pm2.emit('exit', 0, false, WEB.startedAt + 500);
      pm2.emit('online', 0, false, NEW.startedAt);
    });
    await story.end();
    await story.clock.pass(10_000);
    assert.deepEqual(story.pm2.calls, ['restart 0']);
  });

  test('the exits of the new incarnation are not counted', async () => {
    const story = new Story((pm2) => {
      exits(pm2, 2);
      exits(pm2, 2);
    });
    await story.end();
    await story.clock.pass(10_000);
    assert.deepEqual(story.pm2.calls, ['restart 0']);
  });

  for (const method of ['reload', 'restart'] as const) {
    test(`but in cluster mode a reload takes it out of the list: no delete after our ${method}`, async () => {
      const cluster = managed({ isCluster: true });
      const story = new Story(() => undefined, { ...ORDER, method }, cluster);
      story.pm2[method] = () => story.vanishes(method);
      assert.deepEqual(await story.end(), { result: 'done', detail: `${method}ed as pid 200` });
      assert.deepEqual(story.pm2.calls, [`${method} 0`]);
    });
  }

  test('nor is it deleted where PM2 itself was gone and never answered', async () => {
    const story = new Story(() => undefined);
    story.pm2.restart = async () => {
      await story.vanishes('restart');
      throw new Error('pm2 restart: no answer within 30000 ms');
    };
    assert.equal((await story.end()).result, 'failed');
    assert.deepEqual(story.pm2.calls, ['restart 0']);
  });
});
