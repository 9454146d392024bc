import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { fromKept, toKept } from '../../src/store/app-memory.ts';
import type { Instant } from '../../src/store/memory-time.ts';
import { anyMemory } from './memory.ts';
import { memoryOf } from './memory-of.ts';

const SAVED: Instant = { now: 5_000_000, wall: 1_700_000_000_000, machine: 90_000_000 };

/** Epoch milliseconds are doubles: good to a thousandth. */
const near = (a: number, b: number): boolean => a === b || Math.abs(a - b) < 0.01;

/** Another process, `passedMs` later, whose wall clock was moved by `movedMs` meanwhile. */
function later(passedMs: number, movedMs: number, now = 700): Instant {
  return { now, wall: SAVED.wall + passedMs + movedMs, machine: SAVED.machine + passedMs };
}

const passed = fc.nat(100_000_000);
const moved = fc.integer({ min: -400_000_000_000, max: 400_000_000_000 });

describe('a memory that goes to disk and comes back', () => {
  test('has on disk the seen incarnations by pm_id, as in the first file that had them', () => {
    const last = [{ pmId: 900, at: 5, cause: 'crash', detail: 'd', count: 1 }];
    const seen = [
      { pmId: 900, startedAt: 7, restarts: 2 },
      { pmId: 3, startedAt: 8, restarts: 0 },
    ];
    const kept = toKept({ ...memoryOf([]), pm2Restarts: { seen, last } }, SAVED.wall, SAVED);
    assert.deepEqual(kept.pm2Restarts, {
      seen: { 900: { startedAt: 7, restarts: 2 }, 3: { startedAt: 8, restarts: 0 } },
      last,
    });
    const back = fromKept(kept, SAVED, SAVED).pm2Restarts;
    assert.deepEqual(back, { seen: seen.toReversed(), last });
  });

  test('is the same in the same instant', () => {
    fc.assert(
      fc.property(anyMemory(SAVED.now), (before) => {
        const kept: typeof toKept extends (...args: never) => infer T ? T : never = JSON.parse(
          JSON.stringify(toKept(before, SAVED.wall, SAVED)),
        );
        const after = fromKept(kept, SAVED, SAVED);
        const { budget, backoff, ...rest } = before.memory;
        const { budget: budget2, backoff: backoff2, ...rest2 } = after.memory;
        assert.deepEqual(rest2, rest);
        assert.equal(budget2.length, budget.length);
        assert.ok(budget.every((time, i) => near(time, budget2[i] ?? Number.NaN)));
        assert.equal(backoff2.seed, backoff.seed);
        const wait = Math.max(0, backoff.notBefore - SAVED.now);
        assert.ok(near(Math.max(0, backoff2.notBefore - SAVED.now), wait));
        for (const key of ['openUntil', 'pausedUntil'] as const) {
          const end = before[key];
          const wanted = end === null ? null : Math.max(SAVED.now, end);
          assert.ok(wanted === null ? after[key] === null : near(after[key] ?? Number.NaN, wanted));
        }
      }),
    );
  });

  test('has every restart at least as young as it is, with any jump of the wall clock', () => {
    fc.assert(
      fc.property(anyMemory(SAVED.now), passed, moved, (before, passedMs, movedMs) => {
        const at = later(passedMs, movedMs);
        const after = fromKept(toKept(before, SAVED.wall, SAVED), SAVED, at);
        for (const [i, time] of before.memory.budget.entries()) {
          const ageMs = SAVED.now - time + passedMs;
          const read = after.memory.budget[i] ?? Number.NaN;
          assert.ok(read <= at.now && near(at.now - read, ageMs), `${at.now - read} for ${ageMs}`);
        }
      }),
    );
  });

  test('after a reboot has no restart older than it is', () => {
    const machine = fc.nat(90_000_000);
    fc.assert(
      fc.property(anyMemory(SAVED.now), machine, passed, moved, (before, up, offMs, movedMs) => {
        const at = { now: 700, wall: SAVED.wall + offMs + up + movedMs, machine: up };
        const after = fromKept(toKept(before, SAVED.wall, SAVED), SAVED, at);
        for (const [i, time] of before.memory.budget.entries()) {
          const ageMs = SAVED.now - time + offMs + up;
          const read = at.now - (after.memory.budget[i] ?? Number.NaN);
          assert.ok(read >= 0 && read <= ageMs + 0.01);
        }
      }),
    );
  });

  test('never waits longer than was left, nor longer than the time that passed demands', () => {
    fc.assert(
      fc.property(anyMemory(SAVED.now), passed, moved, (before, passedMs, movedMs) => {
        const at = later(passedMs, movedMs);
        const after = fromKept(toKept(before, SAVED.wall, SAVED), SAVED, at);
        const ends = [
          [before.openUntil, after.openUntil],
          [before.pausedUntil, after.pausedUntil],
          [before.memory.backoff.notBefore, after.memory.backoff.notBefore],
        ] as const;
        for (const [was, is] of ends) {
          if (was === null || is === null) assert.equal(is, was);
          else if (was === Number.POSITIVE_INFINITY) assert.equal(is, was);
          else assert.ok(is - at.now <= Math.max(0, was - SAVED.now - passedMs) + 0.01);
        }
      }),
    );
  });

  test('a night switched off ends a pause, and leaves the budget spent', () => {
    const before = { ...memoryOf([SAVED.now - 1_000]), pausedUntil: SAVED.now + 1_800_000 };
    const morning = { now: 700, wall: SAVED.wall + 36_000_000, machine: 30_000 };
    const after = fromKept(toKept(before, SAVED.wall, SAVED), SAVED, morning);
    assert.equal(after.pausedUntil, 700);
    assert.deepEqual(after.memory.budget, [700 - 31_000]);
  });

  test('a restart dated after its file was just now', () => {
    const kept = { ...toKept(memoryOf([]), 0, SAVED), restarts: [SAVED.wall + 1e9] };
    assert.deepEqual(fromKept(kept, SAVED, later(0, 0)).memory.budget, [700]);
  });
});
