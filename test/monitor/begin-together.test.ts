import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { heldUntil, HOLD_MS } from '../../src/monitor/mass-failure-hold.ts';

const NEVER = Number.NEGATIVE_INFINITY;

describe('restarts are held', () => {
  const cases: [string, number[], number, number][] = [
    ['when half of four begin to fail together', [1_000, 2_000], 4, 31_000],
    ['when all of three do', [5_000, 5_000, 5_000], 3, 35_000],
    ['not when less than half do', [1_000], 3, NEVER],
    ['not with two targets, even if both do', [1_000, 1_000], 2, NEVER],
    ['not when they begin one after the other', [0, 20_000, 40_000], 4, NEVER],
    ['for the later ones, when those are together', [0, 50_000, 51_000], 4, 80_000],
    ['not when none fails', [], 10, NEVER],
  ];
  for (const [what, beganAt, targets, until] of cases) {
    test(what, () => assert.equal(heldUntil(beganAt, targets), until));
  }

  test('never longer than 30 s after a target began to fail', () => {
    fc.assert(
      fc.property(fc.array(fc.nat(100_000)), fc.nat(30), (beganAt, targets) => {
        const until = heldUntil(beganAt, targets);
        assert.ok(until === NEVER || beganAt.some((at) => at + HOLD_MS === until));
      }),
    );
  });
});
