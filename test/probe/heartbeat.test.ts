import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { UNHEARD, type HeartbeatSnapshot } from '../../src/probe/heartbeat.ts';
import type { Sample } from '../../src/probe/probe.ts';
import { createProbe } from '../../src/probe/registry.ts';
import { runProbe } from '../../src/probe/runner.ts';
import { verdictOf } from './support/ask.ts';

const NOW = 100_000;

/** Asks at `NOW` an app that promised a beat every 5 s. */
function ask(heartbeat: HeartbeatSnapshot | undefined): Promise<Sample> {
  const ports = heartbeat === undefined ? {} : { heartbeat: () => heartbeat };
  const probe = createProbe({ type: 'heartbeat', everyMs: 5_000 }, ports);
  return runProbe(probe, { now: () => NOW, timeoutMs: 1_000 });
}

/** Times in milliseconds before `NOW`; heard for long, and PM2 works, unless said otherwise. */
function ago(
  lastMs: number | null,
  heardMs: number | null = 60_000,
  vouchedMs = 0,
): HeartbeatSnapshot {
  return {
    lastAt: lastMs === null ? null : NOW - lastMs,
    heardSince: heardMs === null ? null : NOW - heardMs,
    vouchedUntil: NOW - vouchedMs,
  };
}

const cases: readonly (readonly [string, HeartbeatSnapshot | undefined, string, RegExp])[] = [
  ['a young beat', ago(1_200), 'ok', /^last heartbeat 1200 ms ago$/],
  ['a beat as late as the bus may make it', ago(5_500), 'ok', /5500 ms ago/],
  ['a beat that is too old', ago(5_501), 'fail timeout', /^no heartbeat for 5\.5 s$/],
  ['a beat long ago', ago(15_200), 'fail timeout', /^no heartbeat for 15 s$/],
  ['none yet', ago(null, 5_500), 'unknown pending', /waiting for the first heartbeat/],
  [
    'none since the life was first seen',
    ago(null, 7_000),
    'fail timeout',
    /^no heartbeat yet \(7\.0 s\): does it call startHeartbeat\(\)\?$/,
  ],
  ['a bus that is down', ago(15_000, null), 'unknown unheard', /passes no heartbeats on/],
  ['an old beat, the bus just back', ago(15_000, 5_500), 'unknown pending', /waiting for a/],
  ['a young beat, the bus just back', ago(3_000, 100), 'ok', /3000 ms ago/],
  ['an old beat, the bus back for long', ago(15_000, 5_501), 'fail timeout', /for 15 s/],
  ['PM2 not seen since it was due', ago(9_000, 60_000, 3_500), 'unknown unheard', /PM2 itself/],
  ['PM2 seen just after it was due', ago(9_000, 60_000, 3_499), 'fail timeout', /for 9\.0 s/],
  ['a life that is not known', UNHEARD, 'unknown unheard', /passes no heartbeats on/],
  ['nobody who listens', undefined, 'unknown unheard', /only the running monitor/],
];

describe('a heartbeat promised every 5 s, with', () => {
  for (const [what, heartbeat, verdict, detail] of cases) {
    test(`${what}, is ${verdict}`, async () => {
      const sample = await ask(heartbeat);
      assert.equal(verdictOf(sample), verdict);
      assert.match(sample.detail, detail);
    });
  }
});
