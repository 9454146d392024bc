import assert from 'node:assert/strict';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, test } from 'node:test';

const root = join(import.meta.dirname, '../..');
const folder = join(root, 'example/recipes');

/** The recipes that a README links to in its tables, with the code of each row. */
async function linkedIn(file: string): Promise<ReadonlyMap<string, string>> {
  const text = await readFile(join(root, file), 'utf8');
  const rows = text.split('\n').filter((line) => line.startsWith('| '));
  const found = rows.flatMap((row) => {
    const recipe =
      /\[[\w-]+\]\((?:\.\.\/example\/recipes\/)?([\w-]+)\/ecosystem\.config\.cjs\)/.exec(row);
    return recipe?.[1] === undefined ? [] : [[recipe[1], row] as const];
  });
  return new Map(found);
}

const entries = await readdir(folder, { withFileTypes: true });
const recipes = entries
  .filter((entry) => entry.isDirectory() && entry.name !== 'node_modules')
  .map(({ name }) => name)
  .toSorted();

describe('the recipes', () => {
  for (const file of ['docs/RECIPES.md', 'example/recipes/README.md']) {
    test(`are all in ${file}, with the probe that they use`, async () => {
      const linked = await linkedIn(file);
      assert.deepEqual([...linked.keys()].toSorted(), recipes);
      for (const [recipe, row] of linked) {
        const probe = /`(tcp|http|vite|exec|websocket|heartbeat)\b/.exec(row)?.[1];
        const config = await readFile(join(folder, recipe, 'ecosystem.config.cjs'), 'utf8');
        assert.match(config, new RegExp(`^ +(?:env_liveness: \\{ )?${probe}: `, 'm'), recipe);
      }
    });
  }

  for (const recipe of recipes) {
    test(`${recipe} has the monitor beside its app as the README says, and is run by a test`, async () => {
      const config = await readFile(join(folder, recipe, 'ecosystem.config.cjs'), 'utf8');
      const readme = await readFile(join(root, 'README.md'), 'utf8');
      const monitor = /^ {4}\{\n {6}name: 'pm2-liveness',\n(?:.*\n)*? {4}\},\n/m;
      assert.equal(monitor.exec(config)?.[0], monitor.exec(readme)?.[0]);
      const names = await readdir(join(root, 'test/recipes'));
      const tests = names.filter((name) => name.endsWith('.test.ts'));
      const texts = tests.map((name) => readFile(join(root, 'test/recipes', name), 'utf8'));
      assert.ok((await Promise.all(texts)).some((text) => text.includes(`'${recipe}'`)));
    });
  }
});
