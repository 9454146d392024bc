import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { filled, table } from '../../docs/tables/markdown.ts';

describe('a generated part of a page', () => {
  test('takes the place of what stood between its marks, and only that', () => {
    const page = 'a\n<!-- x:begin -->\nold\n<!-- x:end -->\nb\n';
    const wanted = 'a\n<!-- x:begin -->\nnew\n<!-- x:end -->\nb\n';
    assert.equal(filled(page, 'x', 'new'), wanted);
    assert.equal(filled(wanted, 'x', 'new'), wanted);
  });

  for (const [what, page] of [
    ['without its marks', 'a'],
    ['with half of them', '<!-- x:begin --> a'],
    ['with its marks twice', '<!-- x:begin --><!-- x:end --><!-- x:begin --><!-- x:end -->'],
    ['with two ends', '<!-- x:begin --><!-- x:end --><!-- x:end -->'],
  ] as const) {
    test(`${what} is an error, and no page without its table`, () => {
      assert.throws(() => filled(page, 'x', 'new'), /has not one <!-- x:begin -->/);
    });
  }

  test('is a table whose cells may hold what parts them', () => {
    assert.equal(table(['a', 'b'], [['x|y', 'z']]), '| a | b |\n|---|---|\n| x\\|y | z |');
  });
});
