import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { moduleScriptsOf } from '../../../src/probe/vite/html.ts';
import { now } from '../support/ask.ts';

test('module scripts are found in any notation', () => {
  const html = `
    <!-- <script type="module" src="/commented.js"></script> -->
    <script>const a = '<script type="module" src="/in-text.js">'</script>
    <script src="/classic.js"></script>
    <script type="module">import "/inline.js"</script>
    <script type="module" src="/one.js"></script>
    <SCRIPT SRC='/two.js' crossorigin TYPE=Module></SCRIPT>
    <script async type=module src=/three.js></script>
    <script data-a=">" type="module" src="/index.html?html-proxy&amp;index=0.js"></script>`;
  assert.deepEqual(moduleScriptsOf(html), [
    '/one.js',
    '/two.js',
    '/three.js',
    '/index.html?html-proxy&index=0.js',
  ]);
});

test('any text is read, and a page made to be slow is not', () => {
  const part = fc.constantFrom(
    '<script',
    '<!--',
    '-->',
    '"',
    "'",
    ' type=module',
    ' src="/a"',
    '>',
    '</script>',
    'a',
    ' ',
    '=',
  );
  fc.assert(
    fc.property(fc.array(part, { maxLength: 60 }), (parts) => {
      for (const source of moduleScriptsOf(parts.join(''))) assert.equal(typeof source, 'string');
    }),
  );
  for (const piece of [
    '<script ',
    '<!--',
    '<script a="',
    '<script a=\'"',
    '<script></script',
    '<script a=',
  ]) {
    const startedAt = now();
    moduleScriptsOf(piece.repeat(Math.ceil((512 * 1024) / piece.length)));
    assert.ok(now() - startedAt < 20_000, piece);
  }
});
