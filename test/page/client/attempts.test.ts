import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { Attempts } from '../../../src/page/client/attempts.ts';

const SECOND = 1_000;

/** Each second of a minute in which it connects; `until` is when the first word of a connection comes. */
function connections(attempts: Attempts, firstWordMs: number): readonly number[] {
  const begun: number[] = [];
  let beganAt = 0;
  for (let now = 0; now < 120 * SECOND; now += SECOND) {
    if (begun.length > 0 && now - beganAt >= firstWordMs) attempts.heard(now);
    if (!attempts.isDue(now)) continue;
    attempts.began(now);
    begun.push(now);
    beganAt = now;
  }
  return begun;
}

describe('when the page connects again', () => {
  test('40 s after the last word, and not before', () => {
    const attempts = new Attempts(0);
    attempts.heard(20 * SECOND);
    assert.equal(attempts.isDue(59 * SECOND), false);
    assert.equal(attempts.isDue(60 * SECOND), true);
  });

  test('once where the first word takes some seconds to come', () => {
    assert.deepEqual(connections(new Attempts(0), 5 * SECOND), [40 * SECOND]);
  });

  test('every 15 s where no word comes at all', () => {
    const begun = connections(new Attempts(0), Infinity);
    assert.deepEqual(
      begun.map((at) => at / SECOND),
      [40, 55, 70, 85, 100, 115],
    );
  });

  test('2 s after a connection broke, once', () => {
    const attempts = new Attempts(0);
    attempts.failed(10 * SECOND);
    assert.equal(attempts.isDue(11 * SECOND), false);
    assert.equal(attempts.isDue(12 * SECOND), true);
    attempts.began(12 * SECOND);
    assert.equal(attempts.isDue(13 * SECOND), false);
  });
});
