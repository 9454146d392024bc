import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { hasEndedOnPurpose, isWantedEnd } from '../../src/pm2/ended-on-purpose.ts';
import { managed } from '../support/fake-pm2.ts';

describe('an end that the operator wants', () => {
  for (const [env, code, wanted] of [
    [{}, 0, false],
    [{ autorestart: true }, 0, false],
    [{ autorestart: false }, 1, true],
    [{ autorestart: 'false' }, undefined, true],
    [{ stop_exit_codes: [0, 3] }, 3, true],
    [{ stop_exit_codes: [0, 3] }, 1, false],
    [{ stop_exit_codes: ['3'] }, 3, true],
    [{ stop_exit_codes: 0 }, 0, true],
    [{ stop_exit_codes: '0' }, 0, true],
    [{ stop_exit_codes: [0] }, undefined, false],
    [{ stop_exit_codes: null }, 0, false],
    [{ stop_exit_codes: [{}, 'none'] }, 0, false],
  ] as const) {
    test(`is ${wanted ? '' : 'not '}exit ${code} with ${JSON.stringify(env)}`, () => {
      assert.equal(isWantedEnd(env, code), wanted);
    });
  }

  test('is seen in an entry that seems to wait, without a process alone', () => {
    const env = { restart_delay: 3_000, stop_exit_codes: [0], exit_code: 0 };
    const waiting = managed({ status: 'waiting restart', pid: 0, env });
    assert.equal(hasEndedOnPurpose(waiting), true);
    assert.equal(hasEndedOnPurpose({ ...waiting, pid: 100 }), false);
    assert.equal(hasEndedOnPurpose({ ...waiting, env: { ...env, exit_code: 1 } }), false);
    assert.equal(hasEndedOnPurpose({ ...waiting, status: 'errored' }), false);
  });
});
