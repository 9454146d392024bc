import { dirname, join } from 'node:path';
import type { BoundedFiles } from '../../os/bounded-files.ts';
import { isFinished } from './install-record.ts';
import { needsModules, parseOrNull } from './package-file.ts';
import { foldersUpFrom, isWithin, manifestIn, projectOf } from './project-folder.ts';

/** Files by which an app finds its packages without node_modules (Yarn's Plug'n'Play). */
const PNP = ['.pnp.cjs', '.pnp.js', '.pnp.loader.mjs'] as const;

/** A node_modules that an app which answered well could use. */
interface Modules {
  readonly path: string;
  /** Whether the installer's own record said that it was complete. */
  readonly isFinished: boolean;
  /** Where its packages are installed, if it is a link to another folder's; else null. */
  readonly home: string | null;
}

/** A node_modules that an app needs and that is gone, or that an installer has left half done. */
export interface BrokenModules {
  readonly path: string;
  readonly isGone: boolean;
  /** As in `Modules`. */
  readonly home: string | null;
}

/** Knows of one app where its node_modules were, and whether one has gone. */
export class ModulesWatch {
  readonly #files: Pick<BoundedFiles, 'mark' | 'text' | 'target'>;
  /** What an app in `folder` that answered well had, the nearest first. */
  #seen: { readonly folder: string; readonly modules: readonly Modules[] } | null = null;

  constructor(files: Pick<BoundedFiles, 'mark' | 'text' | 'target'>) {
    this.#files = files;
  }

  /**
   * The app, which runs in `folder`, answers well with what is there: without node_modules it needs none.
   * Looks again only where `isNew` says that its process is another one, or where the disk did not answer.
   */
  async note(folder: string, isNew: boolean): Promise<void> {
    if (!isNew && this.#seen?.folder === folder) return;
    const modules = await this.#usedIn(folder);
    if (modules !== undefined) this.#seen = { folder, modules };
  }

  /** The node_modules that an app in `folder` uses first; null where there is none, undefined where it is not known. */
  async nearest(folder: string): Promise<string | null | undefined> {
    for (const at of foldersUpFrom(folder)) {
      const path = join(at, 'node_modules');
      const mark = await this.#files.mark(path);
      if (mark === null) return undefined;
      if (mark.kind === 'folder') return path;
    }
    return null;
  }

  /** The other folders in which the packages of an app in `folder` are installed, by links. */
  async homes(folder: string): Promise<readonly string[]> {
    // A link whose folder is being filled again leads nowhere: what was seen before counts.
    const isKnown = this.#seen?.folder === folder;
    const modules = isKnown ? this.#seen?.modules : await this.#usedIn(folder);
    return (modules ?? []).flatMap(({ home }) => home ?? []);
  }

  /** What is gone or half done, and is needed; null where nothing is, undefined where it is not known. */
  async broken(folder: string): Promise<BrokenModules | null | undefined> {
    const seen = this.#seen?.folder === folder ? this.#seen.modules : [];
    for (const { path, isFinished: wasFinished, home } of seen) {
      const mark = await this.#files.mark(path);
      // A disk that is slow to answer must not end a hold.
      if (mark === null) return undefined;
      const isGone = mark.kind === 'missing';
      const isWhole = isGone ? false : !wasFinished || (await isFinished(path, this.#files));
      if (isWhole === undefined) return undefined;
      if (!isWhole && (await this.#isNeeded(folder, path))) return { path, isGone, home };
    }
    return null;
  }

  /** The nearest, and those above it up to the root of the workspace, where most packages are. */
  async #usedIn(folder: string): Promise<readonly Modules[] | undefined> {
    const root = await projectOf(folder, this.#files);
    const found: Modules[] = [];
    for (const at of foldersUpFrom(folder)) {
      if (found.length > 0 && !isWithin(at, root)) break;
      const path = join(at, 'node_modules');
      const mark = await this.#files.mark(path);
      const finished = mark?.kind === 'folder' && (await isFinished(path, this.#files));
      if (mark === null || finished === undefined) return undefined;
      if (mark.kind !== 'folder') continue;
      found.push({ path, isFinished: finished, home: await this.#homeOf(at, path) });
    }
    return found;
  }

  /** A link to the folder itself, as to a release, leads to no other home. */
  async #homeOf(folder: string, modules: string): Promise<string | null> {
    const real = await this.#files.target(modules);
    const realFolder = await this.#files.target(folder);
    if (real === null || realFolder === null) return null;
    return real === join(realFolder, 'node_modules') ? null : dirname(real);
  }

  /** False where it was taken away on purpose: nothing is to be in it, or the packages are elsewhere. */
  async #isNeeded(folder: string, modules: string): Promise<boolean> {
    const root = await projectOf(folder, this.#files);
    let isNeeded = false;
    for (const at of foldersUpFrom(folder)) {
      for (const name of PNP) {
        if ((await this.#files.mark(join(at, name)))?.kind === 'file') return false;
      }
      const isBelow = isWithin(at, dirname(modules));
      if (isBelow) isNeeded ||= needsModules(parseOrNull(await manifestIn(at, this.#files)));
      if (!isWithin(at, root) || at === root) break;
    }
    return isNeeded;
  }
}
