import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { LoopWatch, type LoopWatchDeps } from '../../src/monitor/loop-watch.ts';
import type { LoopDelayFigures } from '../../src/report/loop-delay.ts';
import { FakeClock } from '../support/fake-clock.ts';

const WEB = { name: 'web', instance: 0, pid: 11 };
const API = { name: 'api', instance: 0, pid: 21, instances: { online: 2, all: 2 } };
const STOPPED = { name: 'stopped', instance: 0, pid: 0 };

function late(p99Ms: number): LoopDelayFigures {
  return { p50Ms: 1, p99Ms, maxMs: p99Ms };
}

/** A watch over three apps, of which one runs twice. */
class Scene {
  readonly clock = new FakeClock();
  readonly asked: (readonly number[])[] = [];
  answers = new Map<number, LoopDelayFigures>();
  first = 0;
  readonly watch: LoopWatch;

  constructor(more: Partial<LoopWatchDeps> = {}) {
    this.watch = new LoopWatch({
      clock: this.clock,
      targets: () => [WEB, API, STOPPED],
      pidsOf: () => [21, 22],
      ask: async (pids) => {
        this.asked.push(pids);
        return this.answers;
      },
      onFirst: () => {
        this.first += 1;
      },
      ...more,
    });
  }
}

describe('how late event loops are', () => {
  test('is asked of every process that runs, and the latest stands for its app', async () => {
    const scene = new Scene();
    scene.answers = new Map([
      [11, late(5)],
      [21, late(2)],
      [22, late(70)],
    ]);
    await scene.watch.look();
    assert.deepEqual(scene.asked, [[11, 21, 22]]);
    assert.equal(scene.watch.delayOf(WEB)?.p99Ms, 5);
    assert.equal(scene.watch.delayOf(API)?.p99Ms, 70);
    assert.equal(scene.watch.delayOf(STOPPED), null);
    assert.deepEqual([scene.watch.worst()?.name, scene.watch.worst()?.p99Ms], ['api', 70]);
  });

  test('is said to be known once, with the first answer', async () => {
    const scene = new Scene();
    await scene.watch.look();
    assert.deepEqual([scene.first, scene.watch.worst()], [0, null]);
    scene.answers = new Map([[11, late(5)]]);
    await scene.watch.look();
    await scene.watch.look();
    assert.equal(scene.first, 1);
  });

  test('is not known any more where nobody could be asked', async () => {
    let isBroken = false;
    const scene = new Scene({
      ask: async () => (isBroken ? Promise.reject(new Error('disk')) : new Map([[11, late(5)]])),
    });
    await scene.watch.look();
    isBroken = true;
    await scene.watch.look();
    assert.equal(scene.watch.delayOf(WEB), null);
  });

  test('is asked every ten seconds until the signal', async () => {
    const scene = new Scene();
    const over = new AbortController();
    const watching = scene.watch.watch(over.signal);
    await scene.clock.pass(9_000);
    assert.equal(scene.asked.length, 0);
    for (let n = 0; n < 2; n += 1) await scene.clock.pass(10_000);
    over.abort();
    await watching;
    assert.equal(scene.asked.length, 2);
  });
});
