import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { STOP_LOOK_MS } from '../../../src/diagnosis/stop-watch.ts';
import type { StopFinding } from '../../../src/diagnosis/stopped-app.ts';
import { watchSilence } from '../../../src/monitor/worker/silence-watch.ts';
import type { Outcome } from '../../../src/probe/probe.ts';
import { LightAbortController } from '../../../src/time/light-abort.ts';
import { FakeClock } from '../../support/fake-clock.ts';

async function watched(found: readonly StopFinding[], endsAfter = 20) {
  const clock = new FakeClock();
  const signal = new LightAbortController();
  const outcomes: Outcome[] = [];
  let looks = 0;
  const watching = watchSilence(
    { signal, settle: (outcome) => outcomes.push(outcome) },
    async () => found[looks++] ?? 'no',
    clock,
  );
  for (let nth = 0; nth < endsAfter; nth += 1) {
    await new Promise((resolve) => setImmediate(resolve));
    await clock.pass(STOP_LOOK_MS);
  }
  signal.abort();
  await watching;
  return { looks, outcomes };
}

describe('while a probe is silent', () => {
  test('an app that runs costs one look', async () => {
    assert.deepEqual(await watched(['no']), { looks: 1, outcomes: [] });
  });

  test('one that goes on is waited for', async () => {
    assert.deepEqual(await watched(['maybe', 'maybe', 'no']), { looks: 3, outcomes: [] });
  });

  test('one that stays stopped ends the probe', async () => {
    const { looks, outcomes } = await watched(['maybe', 'maybe', { pid: 7, birth: 'b' }]);
    const detail = 'its process 7 is stopped (state T), so it cannot answer';
    assert.deepEqual(outcomes, [{ kind: 'fail', class: 'timeout', detail, isStopped: true }]);
    assert.equal(looks, 3);
  });

  test('the looks end with the probe', async () => {
    const { looks, outcomes } = await watched(
      Array.from({ length: 20 }, () => 'maybe'),
      3,
    );
    assert.ok(looks <= 4, String(looks));
    assert.deepEqual(outcomes, []);
  });
});
