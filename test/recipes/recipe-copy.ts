import { copyFileSync, existsSync, linkSync, mkdirSync, readdirSync, rmSync } from 'node:fs';
import { cp, mkdtemp, realpath, rm, symlink } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join, relative } from 'node:path';
import { execa } from 'execa';
import { codeOf } from '../../src/errors.ts';
import { runtimeStock } from '../support/installed-packages.ts';

const recipes = join(import.meta.dirname, '../../example/recipes');

/** A recipe's folder in a temporary place, so that the files of its framework are removed with it. */
export class RecipeCopy {
  readonly dir: string;

  private constructor(dir: string) {
    this.dir = dir;
  }

  static async of(recipe: string): Promise<RecipeCopy> {
    const dir = await realpath(await mkdtemp(join(tmpdir(), `pl-${recipe}-`)));
    await cp(join(recipes, recipe), dir, { recursive: true, filter: isSource });
    const installed = packagesOf(recipe);
    if (installed !== null) await symlink(installed, join(dir, 'node_modules'));
    await execa(process.execPath, [join(recipes, 'link.mjs'), dir]);
    if (recipe === 'next') plantPackages(dir, ['next', 'react', 'react-dom']);
    return new RecipeCopy(dir);
  }

  async remove(): Promise<void> {
    await rm(this.dir, { recursive: true, force: true, maxRetries: 5 });
  }
}

/** The packages of a recipe that has a lock file of its own; null where it has none. */
export function packagesOf(recipe: string): string | null {
  const folder = join(recipes, recipe);
  return existsSync(join(folder, 'package-lock.json')) ? join(folder, 'node_modules') : null;
}

/** What was written by a person, not what a run of the recipe in its own folder has left. */
function isSource(path: string): boolean {
  return !/^(?:node_modules|dist|\.next|\.astro|\.svelte-kit|\.react-router|\.nuxt|\.angular|.*\.pem)$/.test(
    relative(dirname(path), path),
  );
}

/**
 * Puts packages and what they need in the place of the links to them: Turbopack follows no link that leads
 * out of the project. Hard links where possible, because they are hundreds of megabytes.
 */
function plantPackages(dir: string, names: readonly string[]): void {
  for (const name of names) rmSync(join(dir, 'node_modules', name));
  const found = names.flatMap((name) => {
    const folder = join(recipes, 'node_modules', name);
    return [folder, ...runtimeStock(folder).packages.map((each) => each.dir)];
  });
  for (const folder of new Set(found)) {
    const place = join(dir, relative(recipes, folder));
    for (const entry of readdirSync(folder, { recursive: true, withFileTypes: true })) {
      const file = join(entry.parentPath, entry.name);
      const path = relative(folder, file);
      if (!entry.isFile() || path.startsWith('node_modules')) continue;
      mkdirSync(dirname(join(place, path)), { recursive: true });
      linkOrCopy(file, join(place, path));
    }
  }
}

function linkOrCopy(from: string, to: string): void {
  try {
    linkSync(from, to);
  } catch (error) {
    if (codeOf(error) !== 'EXDEV') throw error;
    copyFileSync(from, to);
  }
}
