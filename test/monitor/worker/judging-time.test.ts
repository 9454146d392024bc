import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { JudgingTime } from '../../../src/monitor/worker/judging-time.ts';
import type { Sample } from '../../../src/probe/probe.ts';

const OK: Sample = { kind: 'ok', detail: '200', at: 1, durationMs: 1 };

/** The judging time of one target, and what the self-check gets of it. */
function judging(): { time: JudgingTime; blamed: [string, number][] } {
  const blamed: [string, number][] = [];
  const blame = (name: string, ms: number): void => void blamed.push([name, ms]);
  return { time: new JudgingTime(() => 'api', { blame }), blamed };
}

describe('judging an answer', () => {
  test('that is quick costs nothing and is not reported', () => {
    const { time, blamed } = judging();
    time.note(4);
    assert.equal(time.counted(OK), OK);
    assert.equal(time.takeRestMs(), 0);
    assert.deepEqual(blamed, []);
  });

  test('that takes long is laid to its target, whose answer does not count, once', () => {
    const { time, blamed } = judging();
    time.note(1_800);
    assert.deepEqual(blamed, [['api', 1_800]]);
    const sample = time.counted(OK);
    assert.equal(sample.kind, 'unknown');
    assert.equal(sample.detail, 'judging the answer of api took 1.8s: it held up the monitor');
    assert.equal(time.counted(OK), OK);
  });

  test('again and again has a twentieth of the time', () => {
    const { time } = judging();
    time.note(100);
    time.note(150);
    assert.equal(time.counted(OK), OK, 'but counts, where nobody else was held up');
    assert.equal(time.takeRestMs(), 5_000);
    assert.equal(time.takeRestMs(), 0);
  });
});
