import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { BUSY_MS, BusyWatch } from '../../src/diagnosis/busy-watch.ts';
import type { BusyThread } from '../../src/os/os-reader.ts';

const FIRST: BusyThread = { birth: 'b', sleeps: 7, cpuMs: 100, waiting: 1 };

/** Looks half a second apart, each of which changes what the one before showed. */
function watched(...changes: (Partial<BusyThread> | null)[]): BusyWatch {
  const watch = new BusyWatch();
  let [thread, at] = [FIRST, 1_000];
  watch.note(9, 80, thread, at);
  for (const change of changes) {
    at += 500;
    if (change !== null) thread = { ...thread, ...change };
    watch.note(9, 80, change === null ? null : thread, at);
  }
  return watch;
}

const HARD_AT_WORK = [{ cpuMs: 400 }, { cpuMs: 800 }, { cpuMs: 1_200, waiting: 2 }] as const;

describe('an event loop that does not turn', () => {
  test('is proven by connections that nobody accepts, while the thread works without a sleep', () => {
    const watch = watched(...HARD_AT_WORK);
    assert.equal(watch.proven, null, `only after ${BUSY_MS} ms`);
    assert.deepEqual(watched(...HARD_AT_WORK, { waiting: 3 }).proven, {
      pid: 9,
      birth: 'b',
      sleeps: 7,
      waiting: 3,
      port: 80,
    });
  });

  const turns: [string, Partial<BusyThread> | null][] = [
    ['has gone to sleep in between', { sleeps: 8 }],
    ['has accepted a connection', { waiting: 0 }],
    ['was seen to sleep, or a debugger held it', null],
    ['is of another process', { birth: 'other' }],
  ];
  for (const [what, turn] of turns) {
    test(`is not proven where its thread ${what}`, () => {
      assert.equal(watched(...HARD_AT_WORK, turn, { waiting: 4 }).proven, null);
    });
  }

  test('is not proven where nobody connects, or the thread gets no processor', () => {
    const later = { cpuMs: 2_000 };
    assert.equal(watched(later, later, later, later, later).proven, null);
    assert.equal(watched({}, {}, {}, {}, { waiting: 5 }).proven, null);
  });

  test('is not proven where no connection waited at first: its own listener may be elsewhere', () => {
    const watch = new BusyWatch();
    for (const [nth, waiting] of [0, 1, 2].entries())
      watch.note(9, 80, { ...FIRST, cpuMs: 100 + nth * 1_000, waiting }, nth * BUSY_MS);
    assert.equal(watch.proven, null);
  });

  test('begins again with another process or port', () => {
    const watch = watched(...HARD_AT_WORK);
    watch.note(9, 81, { ...FIRST, cpuMs: 2_000, waiting: 5 }, 5_000);
    assert.equal(watch.proven, null);
    watch.note(10, 81, { ...FIRST, cpuMs: 3_000, waiting: 6 }, 9_000);
    assert.equal(watch.proven, null);
  });
});
