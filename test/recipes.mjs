// Installs what the recipes of example/recipes need, where that is not done yet, and runs their tests.
import { spawnSync } from 'node:child_process';
import { statSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));
const recipes = join(root, 'example/recipes');

/** Whether npm has installed what the lock file says now. */
function isInstalled() {
  const changedAt = (file) => statSync(join(recipes, file), { throwIfNoEntry: false })?.mtimeMs;
  const installedAt = changedAt('node_modules/.package-lock.json') ?? 0;
  return installedAt >= changedAt('package-lock.json');
}

/** Runs a program to its end; ends this one where that fails. */
function run(file, args, cwd) {
  const { status, error } = spawnSync(file, args, { cwd, stdio: 'inherit' });
  if (error) throw error;
  if (status !== 0) process.exit(status ?? 1);
}

if (!isInstalled()) run('npm', ['ci'], recipes);
run(
  process.execPath,
  ['test/run.mjs', '--test-concurrency=2', ...process.argv.slice(2), 'recipes'],
  root,
);
