import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { observationOf } from '../../src/target/observation.ts';
import { StopDebounce } from '../../src/target/stop-debounce.ts';
import { FakeClock } from '../support/fake-clock.ts';
import { managed } from '../support/fake-pm2.ts';

const clock = new FakeClock();
const stopped = observationOf(managed({ status: 'stopped', pid: 0 }), clock);
const online = observationOf(managed(), clock);

describe('an app seen stopped', () => {
  test('counts as PM2 at work at first, and as stopped once it lasts', () => {
    const filter = new StopDebounce();
    assert.equal(filter.pass(stopped, 0).status, 'transit');
    assert.equal(filter.isPending(0), true);
    assert.equal(filter.pass(stopped, 499).status, 'transit');
    assert.equal(filter.pass(stopped, 500).status, 'stopped');
    assert.equal(filter.isPending(500), false);
  });

  test('between two incarnations never counts as stopped', () => {
    const filter = new StopDebounce();
    filter.pass(stopped, 0);
    assert.equal(filter.pass(online, 400).status, 'online');
    assert.equal(filter.pass(stopped, 600).status, 'transit');
  });

  test('is believed at once when the operator did it', () => {
    const filter = new StopDebounce();
    filter.believe(0, 0);
    assert.equal(filter.pass(stopped, 0).status, 'stopped');
    filter.forget(0);
    assert.equal(filter.pass(stopped, 1).status, 'transit');
  });
});

describe('an app that the operator stopped and that did not exit in time', () => {
  const errored = (pid: number): typeof online =>
    observationOf(managed({ status: 'errored', pid }), clock);

  test('is stopped, also when its process has gone at last, until it is started', () => {
    const filter = new StopDebounce();
    filter.believe(0, 0);
    assert.equal(filter.pass(errored(100), 0).status, 'stopped');
    assert.equal(filter.pass(errored(0), 60_000).status, 'stopped');
    filter.started(0, 70_000);
    assert.equal(filter.pass(online, 70_000).status, 'online');
    assert.equal(filter.pass(errored(100), 80_000).status, 'stuck');
  });

  test('is not started by a list that PM2 made before the stop', () => {
    const filter = new StopDebounce();
    filter.believe(0, 1_000);
    filter.started(0, 1_000);
    assert.equal(filter.isByOperator(0), true);
    assert.equal(filter.pass(stopped, 1_200).status, 'stopped');
    filter.started(0, 1_001);
    assert.equal(filter.isByOperator(0), false);
  });

  test('is not mistaken for one that a restart could not stop', () => {
    assert.equal(new StopDebounce().pass(errored(100), 0).status, 'stuck');
  });
});

describe('what PM2 says becomes', () => {
  for (const [status, pid, seen] of [
    ['online', 100, 'online'],
    ['online', 0, 'transit'],
    ['launching', 100, 'launching'],
    ['launching', 0, 'transit'],
    ['errored', 100, 'stuck'],
    ['stopping', 100, 'transit'],
    ['waiting restart', 42, 'transit'],
    ['waiting restart', 0, 'errored'],
    ['one-launch-status', 0, 'transit'],
    ['stopped', 0, 'stopped'],
    ['errored', 0, 'errored'],
  ] as const) {
    test(`${status} with pid ${pid} → ${seen}`, () => {
      const { status: got, incarnation } = observationOf(managed({ status, pid }), clock);
      assert.equal(got, seen);
      assert.equal(incarnation !== null, ['online', 'launching', 'stuck'].includes(seen));
    });
  }

  test('an age that the wall clock makes negative counts as none', () => {
    const future = managed({ startedAt: clock.wall() + 60_000 });
    assert.equal(observationOf(future, clock).ageMs, 0);
  });
});
