import { opendir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { Clock } from '../../time/clock.ts';
import type { BoundedFiles } from '../../os/bounded-files.ts';

/** A watcher that nobody saves for waits for hours, and its folder need not be read with each look. */
const KEEP_MS = 10_000;

/** Of files and folders together. An app's own source is less, and more says nothing. */
const MOST_ENTRIES = 4_000;

/** What an app runs or reads at its start, by the end of its name. What it writes (logs, databases) is none of it. */
const SOURCE =
  /^\.env|\.(?:[cm]?[jt]sx?|json5?|vue|svelte|astro|mdx?|html?|ejs|hbs|pug|ya?ml|toml|graphql|gql|prisma|py|rb|go|rs|php|wasm|node)$/i;

/** Packages, and folders of tools. */
const SKIPPED = /^(?:node_modules$|\.)/;

/** Finds out whether source of an app was saved since it last answered well. */
export class SavedSource {
  readonly #clock: Clock;
  readonly #files: Pick<BoundedFiles, 'look'>;
  #seen: { readonly at: number; readonly isSaved: boolean | null } | null = null;

  constructor(clock: Clock, files: Pick<BoundedFiles, 'look'>) {
    this.#clock = clock;
    this.#files = files;
  }

  /**
   * Whether a file of source below `folder` was changed after `sinceWall` (wall milliseconds); null where that
   * is not known: the folder is too large, or the file system does not answer. Up to ten seconds old.
   */
  async isSaved(folder: string, sinceWall: number): Promise<boolean | null> {
    const now = this.#clock.now();
    if (this.#seen !== null && now - this.#seen.at < KEEP_MS) return this.#seen.isSaved;
    const late = { isLate: false };
    const look = (): Promise<boolean | null> => hasChanged(folder, sinceWall, late);
    const isSaved = await this.#files.look(folder, look);
    late.isLate = true;
    this.#seen = { at: now, isSaved };
    return isSaved;
  }

  /** The app runs again: what was seen is old. */
  forget(): void {
    this.#seen = null;
  }
}

/** Ends at the first change, and soon after it is late. Links are not followed: they may lead anywhere. */
async function hasChanged(
  root: string,
  sinceWall: number,
  late: { readonly isLate: boolean },
): Promise<boolean | null> {
  const folders = [root];
  let entries = 0;
  for (const folder of folders) {
    for await (const entry of await opendir(folder)) {
      entries += 1;
      if (entries > MOST_ENTRIES || late.isLate) return null;
      const path = join(folder, entry.name);
      if (entry.isDirectory() && !SKIPPED.test(entry.name)) folders.push(path);
      if (!entry.isFile() || !SOURCE.test(entry.name)) continue;
      const { mtimeMs, ctimeMs } = await stat(path);
      if (Math.max(mtimeMs, ctimeMs) > sinceWall) return true;
    }
  }
  return false;
}
