import { readdir, readFile, realpath, stat } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { codeOf } from '../../errors.ts';

/** The system's files as they are below `root`. What is not there is null or empty; anything else throws. */
export class SystemFiles {
  readonly #root: string;

  constructor(root = '/') {
    this.#root = root;
  }

  /** Where a file of the system really lies. */
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

/** Whether two paths are one folder, also where one leads over a link. */
export async function isSameFolder(one: string, other: string): Promise<boolean> {
  if (resolve(one) === resolve(other)) return true;
  // A folder into which we may not look is somebody else's, as root's home is a user's neighbour.
  const real = (path: string): Promise<string | null> => orNull(realpath(path), 'EACCES');
  const [first, second] = await Promise.all([real(one), real(other)]);
  return first !== null && first === second;
}

/** What is not there, or is a link to nothing, is an answer; what may not be read is not. */
async function orNull<T>(promise: Promise<T>, ...more: readonly string[]): Promise<T | null> {
  try {
    return await promise;
  } catch (error) {
    if (['ENOENT', 'ENOTDIR', 'ELOOP', ...more].includes(codeOf(error) ?? '')) return null;
    throw error;
  }
}
