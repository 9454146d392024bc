import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { describe, test } from 'node:test';

const picture = await readFile(new URL('../../docs/recovery.svg', import.meta.url), 'utf8');

/** The texts on the terminal, in the order in which they first appear. */
const texts = [...picture.matchAll(/<text [^>]*>([^<]*)<\/text>/g)].map(([, text = '']) => text);

/** The first tag that is not closed where it should be; null where all are. */
function unbalanced(xml: string): string | null {
  const open: string[] = [];
  for (const [, close, name = '', , itself] of xml.matchAll(
    /<(\/?)([a-z]+)((?: [a-zA-Z-]+="[^"<]*")*)(\/?)>/g,
  )) {
    if (itself === '/') continue;
    if (close === '') open.push(name);
    else if (open.pop() !== name) return name;
  }
  return open.at(-1) ?? null;
}

describe('the picture of a recovery', () => {
  test('is well-formed, and has only tags and text', () => {
    assert.equal(unbalanced(picture), null);
    const rest = picture.replace(/<\/?[a-z]+(?: [a-zA-Z-]+="[^"<]*")*\/?>/g, '');
    assert.doesNotMatch(rest, /[<]|&(?!amp;|lt;|gt;)/);
  });

  test('shows what happens, step by step, with the states and the times', () => {
    const steps = [
      /^healthy/,
      /^\$ kill -STOP \d+/,
      /^failing \d/,
      /^failing 1\/3 \(timeout/,
      /^failing 2\/3 \(timeout/,
      /^restarting/,
      /^starting/,
      /^healthy/,
      /^\$ npx pm2-liveness events/,
      /^opened/,
      /^restarted/,
      /^resolved/,
    ];
    let at = 0;
    for (const step of steps) {
      const found = texts.findIndex((text, index) => index >= at && step.test(text));
      assert.ok(found >= 0, `${step} is not there, or comes before what it should follow`);
      at = found + 1;
    }
    assert.ok(texts.some((text) => /─ \d\d:\d\d:\d\d ─$/.test(text)));
  });

  test('runs nothing, loads nothing and is small', () => {
    assert.doesNotMatch(picture, /<script|<foreignObject|<image|href|url\(|@import|\son[a-z]+=/i);
    assert.deepEqual(picture.match(/https?:\/\/[^<" ]+/g)?.filter(isForeign), []);
    assert.ok(picture.length < 60_000, `${picture.length} characters`);
  });

  test('shows nothing of the machine on which it was taken', () => {
    for (const text of texts) assert.doesNotMatch(text, /\/(?:tmp|home|root|Users)\b|@|\.pm2/);
  });

  test('is in the README', async () => {
    const readme = await readFile(new URL('../../README.md', import.meta.url), 'utf8');
    assert.match(readme, /!\[[^\]]+\]\(docs\/recovery\.svg\)/);
  });
});

function isForeign(url: string): boolean {
  return url !== 'http://127.0.0.1:5173/' && url !== 'http://www.w3.org/2000/svg';
}
