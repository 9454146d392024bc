import assert from 'node:assert/strict';
import { test } from 'node:test';
import { DeepCheck } from '../../../src/probe/vite/deep-check.ts';
import type { Outcome } from '../../../src/probe/probe.ts';
import type { LightAbortSignal } from '../../../src/time/light-abort.ts';

const OK: Outcome = { kind: 'ok', detail: 'fine' };
const BAD: Outcome = { kind: 'fail', class: 'source', detail: 'broken' };
const OPEN: Outcome = { kind: 'unknown', cause: 'pending', detail: 'optimising' };

/** A deep check whose results are given by hand, on a clock that is set by hand. */
function handLines(periodMs = 1000) {
  const time = { ms: 0 };
  const asked: { give: (outcome: Outcome) => Promise<void>; signal: LightAbortSignal }[] = [];
  const deep = new DeepCheck(
    ({ signal }) =>
      new Promise((resolve) => {
        const give = async (outcome: Outcome): Promise<void> => {
          resolve(outcome);
          await new Promise((done) => setImmediate(done));
        };
        asked.push({ give, signal });
      }),
    { periodMs, timeoutMs: 60_000 },
  );
  return { deep, asked, time, now: () => time.ms };
}

test('one starts when due, and never two at once', async () => {
  const { deep, asked, time, now } = handLines();
  deep.startIfDue(now);
  deep.startIfDue(now);
  assert.equal(asked.length, 1);
  time.ms = 5000;
  deep.startIfDue(now);
  void deep.startNow(now);
  assert.equal(asked.length, 1);
  await asked[0]?.give(OK);
  deep.startIfDue(now);
  assert.equal(asked.length, 2);
  await asked[1]?.give(OK);
  deep.startIfDue(now);
  assert.equal(asked.length, 2, 'start to start');
  deep.reset();
});

test('while all is well, only a failure is a result, and it is handed out once', async () => {
  const { deep, asked, time, now } = handLines();
  for (const outcome of [OK, OPEN, BAD]) {
    deep.startIfDue(now);
    await asked.at(-1)?.give(outcome);
    assert.deepEqual(deep.takeResult(), outcome === BAD ? BAD : undefined);
    assert.equal(deep.takeResult(), undefined);
    time.ms += 1000;
  }
  assert.equal(deep.isBad, true);
});

test('after a failure every result counts, and only an ok ends the bad time', async () => {
  const { deep, asked, now } = handLines();
  for (const [outcome, isBad] of [
    [BAD, true],
    [OPEN, true],
    [BAD, true],
    [OK, false],
  ] as const) {
    void deep.startNow(now);
    await asked.at(-1)?.give(outcome);
    assert.deepEqual(deep.takeResult(), outcome);
    assert.equal(deep.isBad, isBad);
  }
});

test('a reset drops what is under way and what was found', async () => {
  const { deep, asked, now } = handLines();
  const settled = deep.startNow(now);
  deep.reset();
  deep.reset();
  assert.equal(asked[0]?.signal.aborted, true);
  await asked[0]?.give(BAD);
  await settled;
  assert.equal(deep.takeResult(), undefined);
  assert.equal(deep.isBad, false);
  deep.startIfDue(now);
  assert.equal(asked.length, 2, 'due at once after a reset');
  await asked[1]?.give(BAD);
  deep.reset();
  assert.equal(deep.takeResult(), undefined);
});

test('a check that throws is broken and changes nothing', async () => {
  const deep = new DeepCheck(() => Promise.reject(new Error('a bug')), {
    periodMs: 1,
    timeoutMs: 1000,
  });
  await deep.startNow(() => 0);
  assert.equal(deep.isBad, false);
  assert.equal(deep.takeResult(), undefined);
});
