import { join } from 'node:path';
import type { BoundedFiles } from '../../os/bounded-files.ts';
import { needsModules, parseOrNull } from './package-file.ts';
import { foldersUpFrom, manifestIn } from './project-folder.ts';

/** Files by which an app finds its packages without node_modules (Yarn's Plug'n'Play). */
const PNP = ['.pnp.cjs', '.pnp.js', '.pnp.loader.mjs'] as const;

/** Knows of one app where its node_modules was, and whether it has gone. */
export class ModulesWatch {
  readonly #files: Pick<BoundedFiles, 'mark' | 'text'>;
  /** Where an app in `folder` that answered well had it; null where it had none. */
  #seen: { readonly folder: string; readonly path: string | null } | null = null;

  constructor(files: Pick<BoundedFiles, 'mark' | 'text'>) {
    this.#files = files;
  }

  /**
   * The app, which runs in `folder`, answers well with what is there: without node_modules it needs none.
   * Looks again only where `isNew` says that its process is another one, or where the disk did not answer.
   */
  async note(folder: string, isNew: boolean): Promise<void> {
    if (!isNew && this.#seen?.folder === folder) return;
    const path = await this.nearest(folder);
    if (path !== undefined) this.#seen = { folder, path };
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

  /** Where node_modules was that is gone, and is needed; null where it is not, undefined where it is not known. */
  async missing(folder: string): Promise<string | null | undefined> {
    const seen = this.#seen?.folder === folder ? this.#seen.path : null;
    if (seen === null) return null;
    const mark = await this.#files.mark(seen);
    // A disk that is slow to answer must not end a hold.
    if (mark === null) return undefined;
    if (mark.kind !== 'missing') return null;
    // Taken away on purpose, from an app whose packages are elsewhere.
    for (const at of foldersUpFrom(folder)) {
      for (const name of PNP) {
        if ((await this.#files.mark(join(at, name)))?.kind === 'file') return null;
      }
      const manifest = parseOrNull(await manifestIn(at, this.#files));
      if (manifest !== null) return needsModules(manifest) ? seen : null;
    }
    return null;
  }
}
