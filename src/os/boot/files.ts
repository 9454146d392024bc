import { readdir, readFile, realpath, stat } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { codeOf } from '../../errors.ts';

/** Reads the system's files below `root`. A missing file is null or empty; any other failure throws. */
export class SystemFiles {
  readonly #root: string;

  constructor(root = '/') {
    this.#root = root;
  }

  /** The path of a system file below `root`. */
  placeOf(path: string): string {
    return join(this.#root, path);
  }

  async text(path: string): Promise<string | null> {
    return orNull(readFile(this.placeOf(path), 'utf8'));
  }

  async names(folder: string): Promise<readonly string[]> {
    return (await orNull(readdir(this.placeOf(folder)))) ?? [];
  }

  async exists(path: string): Promise<boolean> {
    return (await orNull(stat(this.placeOf(path)))) !== null;
  }
}

/** True where two paths are one folder, also over a link. */
export async function isSameFolder(one: string, other: string): Promise<boolean> {
  if (resolve(one) === resolve(other)) return true;
  // A folder that we may not read belongs to somebody else, such as root's home.
  const real = (path: string): Promise<string | null> => orNull(realpath(path), 'EACCES');
  const [first, second] = await Promise.all([real(one), real(other)]);
  return first !== null && first === second;
}

/** Null for a missing file or a dead link. A file that may not be read throws. */
async function orNull<T>(promise: Promise<T>, ...more: readonly string[]): Promise<T | null> {
  try {
    return await promise;
  } catch (error) {
    if (['ENOENT', 'ENOTDIR', 'ELOOP', ...more].includes(codeOf(error) ?? '')) return null;
    throw error;
  }
}
