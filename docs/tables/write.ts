// `npm run docs`: writes the tables of README and docs.
import { readFile, writeFile } from 'node:fs/promises';
import { PAGES, withTables } from './pages.ts';

const root = new URL('../../', import.meta.url);

for (const path of Object.keys(PAGES)) await rewrite(path, (text) => withTables(path, text));

async function rewrite(path: string, change: (text: string) => string): Promise<void> {
  const file = new URL(path, root);
  const before = await readFile(file, 'utf8');
  const after = change(before);
  if (after !== before) await writeFile(file, after);
  console.log(after === before ? `${path} is as it should be` : `wrote ${path}`);
}
