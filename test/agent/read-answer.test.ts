import assert from 'node:assert/strict';
import { test } from 'node:test';
import { readAnswer } from '../../src/agent/read-answer.ts';

const frame = { name: 'a\u001b[31m\nb', file: `/app/${'x'.repeat(500)}`, line: -3 };

test('the text of an app is made safe and cut', () => {
  const answer = readAnswer(
    JSON.stringify({
      schemaVersion: 1,
      pid: 7,
      birth: 12,
      isBlocked: 'yes',
      silentMs: 'NaN',
      delay: { p50Ms: -1, maxMs: 3 },
      active: {
        resources: Array.from({ length: 99 }, () => ({ name: 5, count: 'x' })),
        peers: 'none',
      },
      stack: Array.from({ length: 99 }, () => frame),
      profile: { hot: [null, 3, { share: 9 }], gcShare: 4 },
      env: { SECRET: 'x' },
    }),
  );
  assert.ok(answer?.profile && answer.stack);
  assert.deepEqual([answer.birth, answer.isBlocked, answer.silentMs], [null, false, 0]);
  assert.deepEqual(answer.delay, { p50Ms: 0, p99Ms: 0, maxMs: 3 });
  assert.equal(answer.active?.resources.length, 12);
  assert.equal(answer.stack.length, 20);
  const [first] = answer.stack;
  assert.equal(first?.name, 'a b');
  assert.equal(first?.file.length, 160);
  assert.equal(first?.line, null);
  assert.equal(answer.profile.gcShare, 1);
  assert.doesNotMatch(JSON.stringify(answer), /SECRET/);
});

test('what is no answer is none', () => {
  for (const text of ['', '[]', '{"schemaVersion":2,"pid":1}', '{"schemaVersion":1}', 'null']) {
    assert.equal(readAnswer(text), null);
  }
});
