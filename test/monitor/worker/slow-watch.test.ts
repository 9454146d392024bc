import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { SlowWatch } from '../../../src/monitor/worker/slow-watch.ts';
import type { Sample } from '../../../src/probe/probe.ts';

const ok = (at: number, durationMs: number): Sample => ({
  kind: 'ok',
  detail: '200',
  at,
  durationMs,
});

/** Answers that take `ms`, every `everyMs` from `from` to `to`; gives when there was news. */
function answers(
  watch: SlowWatch,
  from: number,
  to: number,
  everyMs: number,
  ms: number,
): number[] {
  const news: number[] = [];
  for (let at = from; at < to; at += everyMs) if (watch.note(ok(at, ms), 800, 0)) news.push(at);
  return news;
}

describe('slow answers', () => {
  test('are slow once the median of a minute is above the limit, and said once', () => {
    const watch = new SlowWatch();
    assert.deepEqual(answers(watch, 0, 300_000, 5_000, 900), [45_000]);
    assert.deepEqual(watch.slow, { medianMs: 900, limitMs: 800, answers: 12 });
  });

  test('are not slow for a few slow ones among others, or at the limit', () => {
    const watch = new SlowWatch();
    for (let at = 0; at < 300_000; at += 5_000) {
      assert.equal(watch.note(ok(at, at % 15_000 === 0 ? 5_000 : 800), 800, 0), false);
    }
  });

  test('end only well below the limit', () => {
    const watch = new SlowWatch();
    answers(watch, 0, 100_000, 5_000, 900);
    assert.deepEqual(answers(watch, 100_000, 300_000, 5_000, 700), []);
    assert.equal(answers(watch, 300_000, 400_000, 5_000, 600).length, 1);
    assert.equal(watch.slow, null);
  });

  test('are forgotten with the process, and with the setting', () => {
    const watch = new SlowWatch();
    answers(watch, 0, 100_000, 5_000, 900);
    assert.equal(watch.note(ok(100_000, 900), 800, 99_000), true);
    answers(watch, 0, 100_000, 5_000, 900);
    assert.equal(watch.note(ok(100_000, 900), undefined, 0), true);
  });

  test('of an app that is asked every 20 s, or 20 times a second', () => {
    assert.deepEqual(answers(new SlowWatch(), 0, 300_000, 20_000, 900), [80_000]);
    const fast = new SlowWatch();
    answers(fast, 0, 120_000, 50, 900);
    assert.ok((fast.slow?.answers ?? 999) <= 120);
  });

  test('failures say nothing of it', () => {
    const watch = new SlowWatch();
    const failure: Sample = {
      kind: 'fail',
      class: 'timeout',
      detail: '',
      at: 0,
      durationMs: 9_000,
    };
    for (let at = 0; at < 100_000; at += 5_000) watch.note({ ...failure, at }, 800, 0);
    assert.equal(watch.slow, null);
  });
});
