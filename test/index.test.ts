import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { test } from 'node:test';

const src = new URL('../src/', import.meta.url);

/** What the package exports, each name with the file that declares it. */
async function exportsOf(): Promise<[name: string, file: string][]> {
  const index = await readFile(new URL('index.ts', src), 'utf8');
  const found = [...index.matchAll(/export (?:type )?\{([^}]+)\} from '\.\/([^']+)'/g)];
  return found.flatMap(([, names = '', file = '']) =>
    names
      .split(',')
      .map((name) => name.trim().replace(/^type /, ''))
      .filter(Boolean)
      .map((name): [string, string] => [name, file]),
  );
}

test('every export of the package says what it is', async () => {
  const all = await exportsOf();
  assert.ok(all.length > 30, String(all.length));
  const bare: string[] = [];
  for (const [name, file] of all) {
    const code = await readFile(new URL(file, src), 'utf8');
    const declared = new RegExp(
      `\\*/\\n(?:export )(?:async )?(?:function|const|class|interface|type) ${name}\\b`,
    );
    if (!declared.test(code)) bare.push(`${name} (src/${file})`);
  }
  assert.deepEqual(bare, []);
});

test('the package exports nothing of this repository’s own ecosystem file', async () => {
  const names = (await exportsOf()).map(([name]) => name);
  assert.deepEqual(
    names.filter((name) => /launch/i.test(name)),
    [],
  );
});
