import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { observationOf } from '../../src/target/observation.ts';
import { FakeClock } from '../support/fake-clock.ts';
import { managed } from '../support/fake-pm2.ts';

describe('what an entry of PM2 that waits for a restart is', () => {
  for (const [what, pid, env, wanted] of [
    ['whose timer runs', 100, { restart_delay: 3_000 }, 'transit'],
    ['that PM2 gave up', 0, { restart_delay: 3_000, exit_code: 1 }, 'errored'],
    ['that is not to be restarted', 0, { restart_delay: 3_000, autorestart: false }, 'stopped'],
    [
      'that ended with a wanted code',
      0,
      { exp_backoff_restart_delay: 100, stop_exit_codes: [0], exit_code: 0 },
      'stopped',
    ],
  ] as const) {
    test(`one ${what} is ${wanted}`, () => {
      const process = managed({ status: 'waiting restart', pid, env });
      assert.equal(observationOf(process, new FakeClock()).status, wanted);
    });
  }
});
