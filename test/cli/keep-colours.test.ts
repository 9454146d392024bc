import assert from 'node:assert/strict';
import { test } from 'node:test';
import { styleFor } from '../../src/cli/framework/style.ts';
import { keepColours } from '../../src/text/sanitize.ts';

test('what others have named and written cannot steer the terminal; our own colours stay', () => {
  const { bad } = styleFor(true, { noColor: false, forceColor: true }, false);
  assert.equal(keepColours(bad('down')), bad('down'));
  assert.equal(
    keepColours('w\u001B]0;title\u0007eb\u001B[2J\u009B1A\u202E'),
    'w ]0;title eb [2J 1A ',
  );
  assert.equal(keepColours('{\n  "a": 1\n}'), '{\n  "a": 1\n}');
});
