import assert from 'node:assert/strict';
import { readdir, readFile } from 'node:fs/promises';
import { test } from 'node:test';

test('docs/BOUNDS.md names every file that takes a text of others apart', async () => {
  const page = await readFile(new URL('../../docs/BOUNDS.md', import.meta.url), 'utf8');
  const src = new URL('../../src/', import.meta.url);
  const files = (await readdir(src, { recursive: true })).filter((file) => file.endsWith('.ts'));
  const unnamed: string[] = [];
  for (const file of files.map((each) => each.replaceAll('\\', '/'))) {
    // What a user writes at a terminal or in an ecosystem file, and what we write ourselves.
    if (/^(?:cli|config|control|leader|store)\//.test(file)) continue;
    const code = await readFile(new URL(file, src), 'utf8');
    const takesApart =
      /RegExp\(|\.(?:match|matchAll|test|exec|search|split|replace|replaceAll)\(|JSON\.parse|new URL\(|stripVT/;
    if (takesApart.test(code) && !page.includes(`\`src/${file}\``)) unnamed.push(file);
  }
  assert.deepEqual(unnamed, []);
});
