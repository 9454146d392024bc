import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { measureJudging } from '../../src/probe/measure-judging.ts';
import { ProbeRunner } from '../../src/probe/runner.ts';
import type { Probe } from '../../src/probe/probe.ts';

describe('work on an answer', () => {
  test('is noted with its time, also where it throws', () => {
    let time = 0;
    const noted: number[] = [];
    const context = { now: () => time, noteJudging: (ms: number) => void noted.push(ms) };
    assert.equal(
      measureJudging(context, () => (time += 40)),
      40,
    );
    assert.throws(() =>
      measureJudging(context, () => {
        time += 2;
        throw new Error('no');
      }),
    );
    assert.deepEqual(noted, [40, 2]);
  });

  test('reaches the ear of who runs the probe', async () => {
    let time = 0;
    const noted: number[] = [];
    const probe: Probe = {
      run: async (context) => {
        const detail = measureJudging(context, () => `${(time += 1_800)}`);
        return { kind: 'ok', detail };
      },
      stop: () => undefined,
    };
    const runner = new ProbeRunner(
      probe,
      () => time,
      undefined,
      (ms) => noted.push(ms),
    );
    assert.equal((await runner.run(1_000)).kind, 'ok');
    assert.deepEqual(noted, [1_800]);
  });
});
