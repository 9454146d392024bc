import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { questionRows } from '../../../src/cli/framework/ask.ts';

describe('a question on the terminal', () => {
  test('stays on one row where it has room, with the answer', () => {
    assert.deepEqual(questionRows('Write it? [y/N] ', 80), ['', 'Write it? [y/N] ']);
  });

  for (const columns of [80, 40, 10]) {
    test(`is parted between words at ${columns} columns, and the answer follows the last one`, () => {
      const question =
        'web: nothing shows where it will listen. Type its port, URL or socket, or Enter for no block: ';
      const [above, last] = questionRows(question, columns);
      assert.equal(`${above.replaceAll('\n', ' ')}${last}`, question);
      assert.ok(above.endsWith('\n') && last.endsWith(': '));
      for (const row of above.split('\n')) assert.ok(row.length <= Math.max(columns - 2, 24), row);
    });
  }
});
