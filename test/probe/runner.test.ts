import assert from 'node:assert/strict';
import { getEventListeners } from 'node:events';
import { test } from 'node:test';
import { ProbeRunner, runProbe, type Silence } from '../../src/probe/runner.ts';
import type { Outcome, Probe, ProbeContext } from '../../src/probe/probe.ts';
import type { LightAbortSignal } from '../../src/time/light-abort.ts';
import { until } from '../support/until.ts';
import { now, verdictOf } from './support/ask.ts';

/** A probe made of one function. */
function probeOf(run: (context: ProbeContext) => Promise<Outcome>): Probe {
  return { run, stop: () => undefined };
}

const OK: Outcome = { kind: 'ok', detail: 'fine' };
const never = (): Promise<never> => new Promise(() => undefined);

test('an outcome becomes a sample with its time', async () => {
  let at = 100;
  const probe = probeOf(async () => {
    at = 107;
    return OK;
  });
  const sample = await runProbe(probe, { now: () => at, timeoutMs: 1000 });
  assert.deepEqual(sample, { ...OK, at: 100, durationMs: 7 });
});

test('a probe that ignores its signal is a timeout at the deadline', async () => {
  const sample = await runProbe(probeOf(never), { now, timeoutMs: 30 });
  assert.equal(verdictOf(sample), 'fail timeout');
  assert.equal(sample.detail, 'no answer within 30 ms');
});

test('a probe that fails at the deadline says what it waited for', async () => {
  const probe = probeOf(
    ({ signal }) =>
      new Promise((resolve) => {
        const outcome: Outcome = { kind: 'fail', class: 'exec', detail: 'killed after 20 ms' };
        signal.addEventListener('abort', () => resolve(outcome));
      }),
  );
  const sample = await runProbe(probe, { now, timeoutMs: 20 });
  assert.equal(verdictOf(sample), 'fail exec');
  assert.equal(sample.detail, 'killed after 20 ms');
});

test('an ok after the deadline is a timeout', async () => {
  const probe = probeOf(
    ({ signal }) => new Promise((resolve) => signal.addEventListener('abort', () => resolve(OK))),
  );
  assert.equal(verdictOf(await runProbe(probe, { now, timeoutMs: 20 })), 'fail timeout');
});

test('a probe that rejects at the deadline is a timeout, not broken', async () => {
  const probe = probeOf(
    ({ signal }) =>
      new Promise((_resolve, reject) =>
        signal.addEventListener('abort', () => reject(new Error('aborted'))),
      ),
  );
  assert.equal(verdictOf(await runProbe(probe, { now, timeoutMs: 20 })), 'fail timeout');
});

test('our own lag is not the target’s: an answer that lay ready before the deadline counts', async () => {
  const probe = probeOf(
    () =>
      new Promise((resolve) => {
        setImmediate(() => resolve(OK));
        const blockedUntil = now() + 60;
        while (now() < blockedUntil);
      }),
  );
  assert.equal(verdictOf(await runProbe(probe, { now, timeoutMs: 30 })), 'ok');
});

for (const [how, run] of [
  ['throws', () => assert.fail('a bug')],
  ['rejects', () => Promise.reject(new Error('a bug'))],
  ['rejects with nothing', () => Promise.reject(undefined)],
  // as: a probe that breaks its type is the point
  ['gives no outcome', () => Promise.resolve(undefined as unknown as Outcome)],
] as const) {
  test(`a probe that ${how} is broken, never a failure of the target`, async () => {
    const sample = await runProbe(probeOf(run), { now, timeoutMs: 1000 });
    assert.equal(verdictOf(sample), 'unknown broken-probe');
  });
}

test('an abort from outside ends the run at once, before it and during it', async () => {
  const controller = new AbortController();
  let innerSignal: LightAbortSignal | undefined;
  const probe = probeOf(({ signal }) => {
    innerSignal = signal;
    return never();
  });
  const running = runProbe(probe, { now, timeoutMs: 60_000, signal: controller.signal });
  controller.abort();
  assert.equal(verdictOf(await running), 'unknown aborted');
  assert.equal(innerSignal?.aborted, true);
  const late = await runProbe(probe, { now, timeoutMs: 60_000, signal: controller.signal });
  assert.equal(verdictOf(late), 'unknown aborted');
});

test('nothing is left behind: no timer, no listener', async () => {
  const before = process.getActiveResourcesInfo().filter((type) => type === 'Timeout').length;
  const controller = new AbortController();
  const { signal } = controller;
  for (let run = 0; run < 50; run += 1) {
    await runProbe(
      probeOf(async () => OK),
      { now, timeoutMs: 60_000, signal },
    );
  }
  assert.equal(getEventListeners(signal, 'abort').length, 0);
  const after = process.getActiveResourcesInfo().filter((type) => type === 'Timeout').length;
  assert.ok(after <= before, `${before} timers before, ${after} after`);
});

test('any detail of a probe becomes a safe line', async () => {
  const detail = `answered \u001B[2J${'x'.repeat(1000)}\n`;
  const sample = await runProbe(
    probeOf(async () => ({ kind: 'fail', class: 'status', detail })),
    { now, timeoutMs: 1000 },
  );
  assert.ok(sample.detail.length <= 200);
  assert.doesNotMatch(sample.detail, /\p{Cc}/u);
});

test('a runner asks again and again, and a late result of an aborted run is not the next one’s', async () => {
  const gives: ((outcome: Outcome) => void)[] = [];
  const runner = new ProbeRunner(
    probeOf(() => new Promise((resolve) => gives.push(resolve))),
    now,
  );
  const first = runner.run(60_000);
  runner.abort();
  assert.equal(verdictOf(await first), 'unknown aborted');
  const second = runner.run(60_000);
  gives[0]?.(OK);
  await new Promise((resolve) => setImmediate(resolve));
  runner.abort();
  assert.equal(verdictOf(await second), 'unknown aborted');
  const third = runner.run(60_000);
  gives[2]?.(OK);
  assert.equal(verdictOf(await third), 'ok');
});

test('a run whose answer is late says so once, and can be ended then', async () => {
  const silences: Silence[] = [];
  const note = (silence: Silence): void => void silences.push(silence);
  const runner = new ProbeRunner(probeOf(never), now, undefined, undefined, note);
  const running = runner.run(200);
  await until('it is late', async () => silences.length === 1);
  const [silence] = silences;
  assert.equal(silence?.signal.aborted, false);
  silence?.settle({ kind: 'fail', class: 'timeout', detail: 'stopped', isStopped: true });
  assert.deepEqual(
    { ...(await running), at: 0, durationMs: 0 },
    { kind: 'fail', class: 'timeout', detail: 'stopped', isStopped: true, at: 0, durationMs: 0 },
  );
  assert.equal(silence?.signal.aborted, true);
  assert.equal(silences.length, 1);
});

test('a slow answer within its timeout is a good one, and ends the silence', async () => {
  const silences: Silence[] = [];
  let answer: (outcome: Outcome) => void = () => undefined;
  const slow = probeOf(() => new Promise((resolve) => (answer = resolve)));
  const note = (silence: Silence): void => void silences.push(silence);
  const running = new ProbeRunner(slow, now, undefined, undefined, note).run(60_000);
  await until('it is late', async () => silences.length === 1);
  answer(OK);
  assert.equal(verdictOf(await running), 'ok');
  assert.equal(silences[0]?.signal.aborted, true);
});

test('a quick answer is no silence', async () => {
  const note = (): void => assert.fail('it is not late');
  const runner = new ProbeRunner(
    probeOf(async () => OK),
    now,
    undefined,
    undefined,
    note,
  );
  assert.equal(verdictOf(await runner.run(1_000)), 'ok');
});
