import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { StopWatch, STOPPED_MS, STOP_LOOK_MS } from '../../src/diagnosis/stop-watch.ts';
import type { StoppedProcess } from '../../src/os/os-reader.ts';

const PID = 100;

function stopped(switches = 7, birth = 'b'): StoppedProcess {
  return { birth, switches };
}

/** Looks at a process that stops at `from` for `forMs`, at the rate of a silent probe. */
function isActedOn(from: number, forMs: number, looksAt: number, everyMs = STOP_LOOK_MS): boolean {
  const watch = new StopWatch();
  for (let at = looksAt; at < looksAt + 20 * everyMs; at += everyMs) {
    const isStopped = at >= from && at < from + forMs;
    watch.note(PID, isStopped ? stopped() : null, at);
    if (watch.proven !== null) return true;
  }
  return false;
}

describe('a process that a signal has stopped', () => {
  for (let ms = 50; ms <= 2_500; ms += 50) {
    test(`for ${ms} ms is ${ms <= STOPPED_MS ? 'never' : 'only then'} acted on`, () => {
      for (let offset = 0; offset < STOP_LOOK_MS; offset += 10) {
        const isActed = isActedOn(1_000, ms, 1_000 - offset);
        if (ms <= STOPPED_MS) assert.equal(isActed, false, `looks begin ${offset} ms before it`);
        if (ms > STOPPED_MS + STOP_LOOK_MS) assert.equal(isActed, true);
      }
    });
  }

  test('that ran between two looks is another stop, however short that was', () => {
    const watch = new StopWatch();
    // As cpulimit does it: stopped at each look, and run in between.
    for (let nth = 0; nth < 100; nth += 1) watch.note(PID, stopped(nth), nth * STOP_LOOK_MS);
    assert.equal(watch.proven, null);
  });

  test('is another one with another birth or pid', () => {
    const watch = new StopWatch();
    for (let nth = 0; nth < 20; nth += 1) {
      watch.note(PID + (nth % 2), stopped(), nth * STOP_LOOK_MS);
    }
    assert.equal(watch.proven, null);
    for (let nth = 20; nth < 40; nth += 1) {
      watch.note(PID, stopped(7, `b${nth % 2}`), nth * STOP_LOOK_MS);
    }
    assert.equal(watch.proven, null);
  });

  test('while the monitor stood still too is not proven by the first look afterwards', () => {
    const watch = new StopWatch();
    watch.note(PID, stopped(), 0);
    watch.note(PID, stopped(), 3_600_000);
    assert.equal(watch.proven, null);
  });

  test('stays proven from probe to probe, until it runs', () => {
    const watch = new StopWatch();
    for (let at = 0; at <= 2_000; at += STOP_LOOK_MS) watch.note(PID, stopped(), at);
    assert.deepEqual(watch.proven, { pid: PID, birth: 'b' });
    watch.note(PID, stopped(), 60_000);
    assert.deepEqual(watch.proven, { pid: PID, birth: 'b' });
    watch.note(PID, stopped(8), 60_250);
    assert.equal(watch.proven, null);
  });

  test('is proven only after as much time as it was seen to be stopped without a break', () => {
    const looks = fc.array(
      fc.record({
        afterMs: fc.integer({ min: 1, max: 2_000 }),
        kind: fc.constantFrom('same', 'same', 'same', 'ran', 'runs'),
      }),
      { maxLength: 40 },
    );
    fc.assert(
      fc.property(looks, (all) => {
        const watch = new StopWatch();
        let [at, switches] = [0, 0];
        let since: number | null = null;
        for (const { afterMs, kind } of all) {
          at += afterMs;
          if (kind === 'ran') switches += 1;
          watch.note(PID, kind === 'runs' ? null : stopped(switches), at);
          if (kind === 'runs') since = null;
          else if (kind === 'ran' || since === null) since = at;
          if (watch.proven !== null) {
            assert.ok(since !== null && at - since >= STOPPED_MS);
          }
        }
      }),
    );
  });
});
