import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { OverlappingRuns, type Run } from '../../../src/monitor/worker/overlapping-runs.ts';
import type { Outcome, Sample } from '../../../src/probe/probe.ts';
import { FakeClock } from '../../support/fake-clock.ts';

const TIMEOUT: Outcome = { kind: 'fail', class: 'timeout', detail: 'no answer' };
const REFUSED: Outcome = { kind: 'fail', class: 'refused', detail: 'refused' };
const OK: Outcome = { kind: 'ok', detail: '200' };
const ABORTED: Outcome = { kind: 'unknown', cause: 'aborted', detail: 'stopped' };

/** Probes that are answered by hand. */
class Play {
  readonly clock = new FakeClock();
  readonly runs = new OverlappingRuns(this.clock);
  readonly begun: { at: number; isAborted: boolean; answer: (outcome: Outcome) => void }[] = [];
  inFlight = 0;
  most = 0;

  next(more: number): Promise<Sample> {
    return this.runs.next(() => this.#start(), more, 1_000);
  }

  /** Lets time pass in steps of 100 ms; a probe that is not answered times out after two seconds. */
  async pass(ms: number, timeoutMs = 2_000): Promise<void> {
    for (let passed = 0; passed < ms; passed += 100) {
      await this.clock.pass(100);
      for (const each of this.begun) {
        if (this.clock.now() - each.at >= timeoutMs) each.answer(TIMEOUT);
      }
      for (let turn = 0; turn < 5; turn += 1) await new Promise((resolve) => setImmediate(resolve));
    }
  }

  #start(): Run {
    const at = this.clock.now();
    this.inFlight += 1;
    this.most = Math.max(this.most, this.inFlight);
    let answer: (outcome: Outcome) => void = () => undefined;
    const sample = new Promise<Sample>((resolve) => {
      let isOver = false;
      answer = (outcome) => {
        if (!isOver) this.inFlight -= 1;
        isOver = true;
        resolve({ ...outcome, at, durationMs: this.clock.now() - at });
      };
    });
    const run = { at, isAborted: false, answer };
    this.begun.push(run);
    return {
      sample,
      abort: () => {
        run.isAborted = true;
        answer(ABORTED);
      },
    };
  }
}

describe('the probes that confirm a timeout', () => {
  test('begin one second apart, and give their samples in turn', async () => {
    const play = new Play();
    const beganAt = play.clock.now();
    const first = play.next(1);
    await play.pass(2_000);
    assert.deepEqual({ ...(await first) }, { ...TIMEOUT, at: beganAt, durationMs: 2_000 });
    const second = play.next(0);
    await play.pass(1_000);
    const sample = await second;
    assert.equal(sample.at, beganAt + 1_000);
    assert.equal(play.clock.now() - beganAt, 3_000);
    assert.equal(play.begun.length, 2);
    assert.ok(play.runs.isEmpty);
  });

  test('are abandoned as soon as one is answered, well or not', async () => {
    for (const outcome of [OK, REFUSED]) {
      const play = new Play();
      const first = play.next(3);
      await play.pass(1_500);
      play.begun[1]?.answer(outcome);
      const sample = await first;
      assert.equal(sample.kind, outcome.kind);
      assert.deepEqual(
        play.begun.map(({ isAborted }) => isAborted),
        [true, true],
      );
      assert.ok(play.runs.isEmpty);
    }
  });

  test('begin no second one where the first is answered soon', async () => {
    const play = new Play();
    const first = play.next(2);
    play.begun[0]?.answer(OK);
    assert.equal((await first).kind, 'ok');
    await play.pass(5_000);
    assert.equal(play.begun.length, 1);
  });

  test('are never more than wanted, and four at a time at most', async () => {
    const play = new Play();
    const first = play.next(99);
    await play.pass(30_000, 30_000);
    assert.equal(play.begun.length, 4);
    assert.equal((await first).kind, 'fail');
    assert.equal(play.most, 4);
  });

  test('stop when they are abandoned from outside', async () => {
    const play = new Play();
    const first = play.next(2);
    await play.pass(1_200);
    play.runs.abandon();
    assert.equal((await first).kind, 'unknown');
    assert.equal(play.inFlight, 0);
    await play.pass(5_000);
    assert.equal(play.begun.length, 2);
  });
});
