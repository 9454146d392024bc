import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { adviceOf, bootAdvice } from '../../../src/cli/launch/boot-advice.ts';

const installed = { state: 'installed', unit: '/etc/systemd/system/pm2-ann.service' } as const;
const unknown = { state: 'unknown', reason: 'no init is known' } as const;
const doubt =
  'It is not known whether PM2 starts after a reboot: no init is known. See "After a reboot" in the README.';

describe('the advice about the next reboot', () => {
  test('nothing where all is set up', () => {
    assert.deepEqual(adviceOf({ startup: installed, saved: { state: 'current' }, fix: [] }), []);
  });

  test('what is missing, in one line, and then the lines to type', () => {
    const advice = adviceOf({
      startup: { state: 'missing', reason: 'no unit' },
      saved: { state: 'missing', reason: 'no list' },
      fix: ['sudo pm2 startup', 'pm2 save'],
    });
    assert.deepEqual(advice, [
      'Not ready for a reboot: no unit; no list. Run once:',
      '  sudo pm2 startup',
      '  pm2 save',
    ]);
  });

  test('which apps the saved list lacks, and which it still has', () => {
    const saved = { state: 'stale', missingApps: ['web', 'api'], goneApps: ['old'] } as const;
    assert.deepEqual(adviceOf({ startup: unknown, saved, fix: ['pm2 save'] }), [
      "Not ready for a reboot: PM2's saved list lacks web, api; PM2's saved list still has old. Run once:",
      '  pm2 save',
      doubt,
    ]);
  });

  test('where to read on, when it is not known', () => {
    assert.deepEqual(adviceOf({ startup: unknown, saved: { state: 'current' }, fix: [] }), [doubt]);
  });

  test('why it is not known, where PM2 does not answer', async () => {
    const advice = await bootAdvice('/nowhere', () => Promise.reject(new Error('pm2 is gone')));
    assert.deepEqual(advice, [
      'It is not known whether all apps start after a reboot: pm2 is gone',
    ]);
  });
});
