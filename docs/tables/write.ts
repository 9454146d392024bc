// `npm run docs`: writes the tables of the pages, and the import walls of the linter.
import { spawnSync } from 'node:child_process';
import { readFile, writeFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { withWalls } from './lint.ts';
import { PAGES, withTables } from './pages.ts';

const root = new URL('../../', import.meta.url);

for (const path of Object.keys(PAGES)) await rewrite(path, (text) => withTables(path, text));
await rewrite('.oxlintrc.json', (text) => formatted(withWalls(JSON.parse(text))));

async function rewrite(path: string, change: (text: string) => string): Promise<void> {
  const file = new URL(path, root);
  const before = await readFile(file, 'utf8');
  const after = change(before);
  if (after !== before) await writeFile(file, after);
  console.log(after === before ? `${path} is as it should be` : `wrote ${path}`);
}

/** JSON as `npm run format` leaves it. */
function formatted(value: object): string {
  const oxfmt = fileURLToPath(new URL('node_modules/oxfmt/bin/oxfmt', root));
  const { status, stdout, stderr } = spawnSync(
    process.execPath,
    [oxfmt, '--stdin-filepath=.oxlintrc.json'],
    { cwd: fileURLToPath(root), input: JSON.stringify(value, null, 2), encoding: 'utf8' },
  );
  if (status !== 0) throw new Error(`oxfmt failed: ${stderr}`);
  return stdout;
}
