import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { escapeHtml, html, Html, preHtml } from '../../src/page/html.ts';

describe('a template of HTML', () => {
  test('escapes each text, between tags and in attributes', () => {
    const evil = `"><script>alert('1')</script>&amp;`;
    assert.equal(
      html`<p title="${evil}">${evil}</p>`.text,
      `<p title="${escapeHtml(evil)}">${escapeHtml(evil)}</p>`,
    );
    assert.equal(
      escapeHtml(evil),
      '&quot;&gt;&lt;script&gt;alert(&#39;1&#39;)&lt;/script&gt;&amp;amp;',
    );
  });

  test('takes what a template made as it is, and lists in order', () => {
    const items = ['a', '<b>'].map((each) => html`<li>${each}</li>`);
    assert.equal(html`${items}!`.text, '<li>a</li><li>&lt;b&gt;</li>!');
  });

  test('leaves out null, undefined and false, and writes numbers', () => {
    assert.equal(html`a${null}b${undefined}c${false}d${0}`.text, 'abcd0');
  });

  test('marks characters that turn the direction of a text', () => {
    assert.equal(escapeHtml('a\u202eb'), 'a\ufffdb');
  });

  test('has no bracket and no quote of any text', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (text) => {
        const { text: made } = html`${text}`;
        assert.doesNotMatch(made, /[<>"']/);
        assert.doesNotMatch(made.replace(/&(?:amp|lt|gt|quot|#39);/g, ''), /&/);
      }),
    );
  });

  test('keeps lines in a field of their own, escaped', () => {
    const made = preHtml('"x"', ['<a>', 'b\nc']);
    assert.ok(made instanceof Html);
    assert.match(made.text, /aria-label="&quot;x&quot;"><code>&lt;a&gt;\nb c<\/code>/);
  });
});
