// Installs what the recipes of example/recipes need, where that is not done yet, and runs their tests. With
// `--large` also the recipes that have hundreds of megabytes of packages each, and a lock file of their own. Prints
// what each fault came to; with `--docs` writes that table into docs/RECIPES.md.
import { spawnSync } from 'node:child_process';
import {
  existsSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { recipesTable, withTable } from './recipes-table.mjs';

const root = fileURLToPath(new URL('..', import.meta.url));
const recipes = join(root, 'example/recipes');

/** Whether npm has installed what the lock file of a folder says now. */
function isInstalled(folder) {
  const changedAt = (file) => statSync(join(folder, file), { throwIfNoEntry: false })?.mtimeMs;
  const installedAt = changedAt('node_modules/.package-lock.json') ?? 0;
  return installedAt >= changedAt('package-lock.json');
}

/** Runs a program to its end; ends this one where that fails. */
function run(file, args, cwd) {
  const { status, error } = spawnSync(file, args, { cwd, stdio: 'inherit' });
  if (error) throw error;
  if (status !== 0) process.exit(status ?? 1);
}

const isLarge = process.argv.includes('--large');
const isForDocs = process.argv.includes('--docs');
const options = process.argv.slice(2).filter((option) => !['--large', '--docs'].includes(option));
const large = readdirSync(recipes)
  .map((name) => join(recipes, name))
  .filter((folder) => existsSync(join(folder, 'package-lock.json')));

for (const each of isLarge ? [recipes, ...large] : [recipes]) {
  if (isInstalled(each)) continue;
  run('npm', ['ci'], each);
  if (each !== recipes) run(process.execPath, [join(recipes, 'link.mjs'), each], root);
}

const folder = mkdtempSync(join(tmpdir(), 'pl-figures-'));
const figures = join(folder, 'figures.ndjson');
writeFileSync(figures, '');
process.env['RECIPES_FIGURES'] = figures;
if (isLarge) process.env['RECIPES_LARGE'] = '1';
// Printed also where a test fails: what was measured then is the best trace of it.
process.on('exit', () => {
  const table = recipesTable(readFileSync(figures, 'utf8'));
  rmSync(folder, { recursive: true });
  console.log(table.join('\n'));
  if (!isForDocs || process.exitCode !== 0) return;
  const page = join(root, 'docs/RECIPES.md');
  writeFileSync(page, withTable(readFileSync(page, 'utf8'), table));
});
run(process.execPath, ['test/run.mjs', '--test-concurrency=3', ...options, 'recipes'], root);
process.exitCode = 0;
