import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { stateOfApp } from '../../../src/monitor/dependency/dependency-state.ts';
import { managed } from '../../support/fake-pm2.ts';

describe('an app that others depend on, and that waits for a restart', () => {
  for (const [what, pid, env, word] of [
    ['has a timer', 100, {}, 'is starting'],
    ['was given up by PM2', 0, {}, 'is down'],
    ['ended on purpose', 0, { autorestart: false }, 'is stopped in PM2'],
  ] as const) {
    test(`${word} where it ${what}`, () => {
      const process = managed({ status: 'waiting restart', pid, env });
      const seen = stateOfApp([{ process }], 0);
      assert.deepEqual([seen.state, seen.word], ['down', word]);
    });
  }
});
