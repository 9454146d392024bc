import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { singleLine } from '../../src/text/single-line.ts';

test('keeps plain text as it is', () => {
  assert.equal(
    singleLine('connect ECONNREFUSED 127.0.0.1:5173'),
    'connect ECONNREFUSED 127.0.0.1:5173',
  );
});

test('takes away what a terminal would obey', () => {
  assert.equal(
    singleLine('\u001B[31mred\u001B[0m\r\n\u001B]0;title\u0007next\u0000 \u202Eend'),
    'red next end',
  );
});

test('cuts long text and says so', () => {
  const line = singleLine('x'.repeat(5000));
  assert.equal(line.length, 200);
  assert.ok(line.endsWith('…'));
});

test('any text becomes one short printable line', () => {
  const texts = fc.string({ unit: 'binary', maxLength: 300 });
  fc.assert(
    fc.property(texts, (text) => {
      const line = singleLine(text);
      assert.ok(line.length <= 200);
      assert.doesNotMatch(line, /[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/u);
    }),
  );
});
