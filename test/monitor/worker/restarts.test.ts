import assert from 'node:assert/strict';
import { beforeEach, describe, test } from 'node:test';
import type { ExecutionResult, RestartOrder } from '../../../src/action/restart-order.ts';
import { readBlock } from '../../../src/config/target-config.ts';
import { RestartSlot } from '../../../src/monitor/restart-slot.ts';
import { Restarts } from '../../../src/monitor/worker/restarts.ts';
import type { WorkerEvent } from '../../../src/report/worker-events.ts';
import { observationOf } from '../../../src/target/observation.ts';
import { unknownUptime } from '../../../src/uptime/figures.ts';
import { UptimeTracker } from '../../../src/uptime/tracker.ts';
import type { Decision } from '../../../src/verdict/decision.ts';
import type { Event } from '../../../src/verdict/event.ts';
import { FakeClock } from '../../support/fake-clock.ts';
import { managed } from '../../support/fake-pm2.ts';
import { Driver, fail, OK, policyOf } from '../../support/verdict-driver.ts';

const DRAIN_MS = 60_000;
const read = readBlock({ http: 'http://127.0.0.1:3000/' }, {});
assert.ok(read.ok);
const { config } = read;

describe('a restart that drains', () => {
  let clock: FakeClock;
  let slot: RestartSlot;
  let orders: RestartOrder[];
  let finish: (execution: ExecutionResult) => void;

  beforeEach(() => {
    clock = new FakeClock();
    slot = new RestartSlot();
    orders = [];
  });

  /** An app that needs too much memory, with its restart decided; `acted` is what its verdict hears of that. */
  function decided(name = 'web', drainMs = DRAIN_MS) {
    const driver = new Driver(policyOf({ drainMs, failureThreshold: 1 })).comesOnline();
    driver.answers(OK, fail('memory'));
    const [decision] = driver.restarts as Extract<Decision, { type: 'restart' }>[];
    assert.ok(decision);
    const acted: Event[] = [];
    const emitted: WorkerEvent[] = [];
    const app = observationOf(managed({ name }), clock);
    const uptime = new UptimeTracker(unknownUptime(0));
    const view = () => ({
      name,
      pmId: 0,
      pid: 100,
      instance: 0,
      config,
      verdict: driver.verdict,
      last: null,
      restartsTotal: 0,
      uptime: uptime.uptime,
      errorLog: null,
    });
    const execute = (order: RestartOrder): Promise<ExecutionResult> => {
      orders.push(order);
      return new Promise((resolve) => {
        finish = resolve;
      });
    };
    const deps = { clock, slot, execute, emit: (event: WorkerEvent) => void emitted.push(event) };
    const restarts = new Restarts(deps, uptime, { view }, (event) => acted.push(event), null);
    restarts.issue(decision, app, { lives: [], graceMs: 0 });
    return { driver, restarts, acted, emitted };
  }

  const CALLED_OFF = [{ result: 'skipped', isCalledOff: true }];
  const heard = (acted: readonly Event[]): unknown[] =>
    acted.map((event) => {
      assert.ok(event.type === 'acted');
      return { result: event.result, isCalledOff: event.isCalledOff };
    });

  test('is issued at its end', async () => {
    const { driver, restarts, acted } = decided();
    restarts.follow(driver.verdict);
    await clock.pass(DRAIN_MS - 1);
    assert.equal(orders.length, 0);
    await clock.pass(1);
    assert.equal(orders.length, 1);
    finish({ result: 'done', detail: '' });
    await clock.pass(0);
    assert.deepEqual(heard(acted), [{ result: 'done', isCalledOff: false }]);
  });

  test('is called off at once where the operator pauses the app', async () => {
    const { driver, restarts, acted } = decided();
    driver.apply({ type: 'pause', at: driver.now, until: Number.POSITIVE_INFINITY });
    restarts.follow(driver.verdict);
    await clock.pass(0);
    assert.deepEqual(heard(acted), CALLED_OFF);
    assert.equal(restarts.total, 0);
    await clock.pass(DRAIN_MS);
    assert.equal(orders.length, 0);
  });

  test('is called off at once where the app has died, or runs again', async () => {
    for (const status of ['transit', 'lost', 'online'] as const) {
      const { driver, restarts, acted } = decided();
      if (status === 'online') driver.comesOnline();
      else driver.process(status);
      restarts.follow(driver.verdict);
      await clock.pass(0);
      assert.deepEqual(heard(acted), CALLED_OFF, status);
    }
    await clock.pass(DRAIN_MS);
    assert.equal(orders.length, 0);
  });

  test('does not hold up the end of the monitor', async () => {
    const { restarts, acted } = decided();
    await restarts.settle();
    assert.deepEqual(heard(acted), CALLED_OFF);
    await clock.pass(DRAIN_MS);
    assert.equal(orders.length, 0);
  });

  test('keeps the restart of another app waiting for its turn only', async () => {
    for (const name of ['a', 'b', 'c', 'd']) {
      assert.ok(slot.freeAt() <= clock.now(), name);
      decided(name);
      await clock.pass(5_000);
    }
    assert.ok(slot.freeAt() <= clock.now());
    assert.deepEqual(slot.holdersAt(clock.now()), []);
  });

  test('waits at its end for the restarts in flight, and for no drain', async () => {
    const { acted } = decided('web', 20_000);
    await clock.pass(16_000);
    decided('other', 10 * DRAIN_MS);
    const flights = ['a', 'b', 'c', 'd'].map((name) => slot.take(name, clock.now()));
    await clock.pass(4_000);
    assert.equal(orders.length, 0);
    await clock.pass(60_000);
    assert.equal(orders.length, 0);
    for (const flight of flights) slot.release(flight);
    await clock.pass(1_000);
    assert.deepEqual([orders.length, acted], [1, []]);
    assert.deepEqual(slot.holdersAt(clock.now()), ['web']);
  });
});
