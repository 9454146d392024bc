import assert from 'node:assert/strict';
import { test } from 'node:test';
import { messageLines } from '../../../src/cli/framework/message.ts';

test('a message is broken between words, and what is to be copied stays whole', () => {
  const copied = '  pm2 start ecosystem.config.cjs --only web';
  assert.deepEqual(messageLines(`no PM2 daemon answers here; start one:\n${copied}`, 20), [
    'no PM2 daemon',
    'answers here; start',
    'one:',
    copied,
  ]);
  assert.deepEqual(messageLines('a pipe gets it in one line', Infinity), [
    'a pipe gets it in one line',
  ]);
});
