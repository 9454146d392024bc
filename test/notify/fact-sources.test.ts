import assert from 'node:assert/strict';
import { test } from 'node:test';
import { factSourcesOf } from '../../src/notify/fact-sources.ts';

test('a list that this session has not read, or that PM2 no longer confirms, is not known', () => {
  const last = [{ name: 'web', instance: 0 }];
  const parts = { unfit: null as string | null, pm2AnsweredAt: null as number | null };
  const { listed, ownTrouble, isJudging } = factSourcesOf({
    views: () => [],
    selfCheck: {
      check: () => parts.unfit,
      get pm2AnsweredAt() {
        return parts.pm2AnsweredAt;
      },
      roundTrouble: () => null,
    },
    pm2: { last: () => last },
    history: () => ({ why: 'no space left on device' }),
  });
  assert.equal(listed(), null, 'an earlier session read it');
  parts.pm2AnsweredAt = 5;
  assert.deepEqual(listed(), last);
  assert.deepEqual([ownTrouble(), isJudging()], ['no space left on device', true]);
  parts.unfit = 'PM2 does not answer (timeout)';
  assert.equal(listed(), null);
  assert.deepEqual([ownTrouble(), isJudging()], ['PM2 does not answer (timeout)', false]);
});
