import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import * as fc from 'fast-check';
import { sanitizeLine, sanitizeData, sanitizeLines } from '../../src/text/sanitize.ts';
import { jsonText } from '../../src/text/json-text.ts';

/** Whatever a terminal obeys, what ends a line, and what turns the direction of text. */
const OBEYED = /[\p{Cc}\u2028\u2029\u061C\u200E\u200F\u202A-\u202E\u2066-\u2069]/u;

describe('a text of others', () => {
  for (const [what, text, wanted] of [
    ['is left as it is where it is plain', 'wéb 店舗 👩‍💻', 'wéb 店舗 👩‍💻'],
    ['loses its colours, also ours', 'a\u001B[31mred\u001B[0m', 'a\uFFFDred\uFFFD'],
    ['loses the cursor moves of either kind', '\u001B[2Ja\u009B1Ab', '\uFFFDa\uFFFDb'],
    ['sets no title', 'w\u001B]0;title\u0007eb\u009D0;t\u009C!', 'w\uFFFDeb\uFFFD!'],
    ['resets nothing', 'a\u001Bcb\u001B(0c', 'a\uFFFDcb\uFFFDc'],
    ['does not hide behind a title that does not end', '\u001B]0;all of it', '\uFFFD]0;all of it'],
    ['stays on its line', 'web\nfake\r\nline\u2028three\u0085four', 'web fake line three four'],
    ['does not turn', 'we\u202Ebt\u2066x\u200F', 'we\uFFFDbt\uFFFDx\uFFFD'],
    ['loses bells and DEL', 'a\u0007b\u007Fc\0', 'a\uFFFDb\uFFFDc\uFFFD'],
  ] as const) {
    test(what, () => assert.equal(sanitizeLine(text), wanted));
  }

  test('is never executed by a terminal', () => {
    const hostile = fc.string({
      unit: fc.constantFrom('\u001B', '[', ']', 'm', '0', '\u009B', '\n', '\u202E', '\u0007', '\\'),
    });
    fc.assert(fc.property(hostile, (text) => assert.doesNotMatch(sanitizeLine(text), OBEYED)));
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (text) =>
        assert.doesNotMatch(sanitizeLine(text), OBEYED),
      ),
    );
  });

  test('is cleaned anywhere in data; lines of our own stay lines', () => {
    const data = { a: ['x\u001B[2J', 1, null, { b: 'y\n' }], c: true };
    assert.deepEqual(sanitizeData(data), { a: ['x\uFFFD', 1, null, { b: 'y ' }], c: true });
    assert.equal(sanitizeLines('one\n  two\u0007'), 'one\n  two\uFFFD');
  });
});

test('JSON says the same as before, and is not obeyed either', () => {
  fc.assert(
    fc.property(fc.jsonValue({ stringUnit: 'binary' }), (data) => {
      const text = jsonText(data);
      assert.doesNotMatch(text, OBEYED);
      assert.deepEqual(JSON.parse(text), JSON.parse(JSON.stringify(data)));
    }),
  );
});
