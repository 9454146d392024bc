// Installs what the recipes of example/recipes need, where that is not done yet, and runs their tests. With
// `--large` also the recipes that have hundreds of megabytes of packages each, and a lock file of their own.
import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

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
const options = process.argv.slice(2).filter((option) => option !== '--large');
const large = readdirSync(recipes)
  .map((name) => join(recipes, name))
  .filter((folder) => existsSync(join(folder, 'package-lock.json')));

for (const folder of isLarge ? [recipes, ...large] : [recipes]) {
  if (isInstalled(folder)) continue;
  run('npm', ['ci'], folder);
  if (folder !== recipes) run(process.execPath, [join(recipes, 'link.mjs'), folder], root);
}
run(process.execPath, ['test/run.mjs', '--test-concurrency=2', ...options, 'recipes'], root);
