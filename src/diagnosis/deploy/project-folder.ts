import { dirname, join } from 'node:path';
import type { BoundedFiles } from '../../os/bounded-files.ts';
import { parseOrNull } from './package-file.ts';

/** Of a path of more folders only this many, from its end, are read. */
const MOST_FOLDERS = 24;

/** A folder and all above it, nearest first. */
export function foldersUpFrom(folder: string): readonly string[] {
  const folders: string[] = [];
  for (let at = folder; folders.length < MOST_FOLDERS; at = dirname(at)) {
    folders.push(at);
    if (at === dirname(at)) break;
  }
  return folders;
}

/** True where `folder` is `above`, or lies in it. */
export function isWithin(folder: string, above: string): boolean {
  return foldersUpFrom(folder).includes(above);
}

/**
 * The project that an installer in `folder` works on: the nearest folder up from it that declares
 * workspaces, else the nearest with a package.json, else the folder itself.
 */
export async function projectOf(
  folder: string,
  files: Pick<BoundedFiles, 'mark' | 'text'>,
): Promise<string> {
  let nearest: string | null = null;
  for (const at of foldersUpFrom(folder)) {
    if ((await files.mark(join(at, 'pnpm-workspace.yaml')))?.kind === 'file') return at;
    const manifest = parseOrNull(await manifestIn(at, files));
    if (manifest === null) continue;
    if ('workspaces' in manifest) return at;
    nearest ??= at;
  }
  return nearest ?? folder;
}

/** The text of a folder's package.json; null where there is none that can be read. */
export async function manifestIn(
  folder: string,
  files: Pick<BoundedFiles, 'mark' | 'text'>,
): Promise<string | null> {
  const path = join(folder, 'package.json');
  return (await files.mark(path))?.kind === 'file' ? files.text(path, MOST_BYTES) : null;
}

/** The largest package.json that is read; one that is longer is not understood. */
const MOST_BYTES = 262_144;
