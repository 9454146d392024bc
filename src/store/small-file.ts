import { constants } from 'node:fs';
import type { Files } from './files.ts';

/**
 * The text of a regular file of at most so many bytes, not followed where its name leads elsewhere.
 * Throws with the reason what is none, and what the disk throws.
 */
export async function readSmallFile(
  path: string,
  mostBytes: number,
  files: Files,
): Promise<string> {
  const found = await files.lstat(path);
  if (!found.isFile()) throw new Error('is no regular file');
  if (found.size > mostBytes) throw new Error(`has ${found.size} bytes, ours never do`);
  const file = await files.open(path, constants.O_RDONLY | (constants.O_NOFOLLOW ?? 0));
  try {
    return await file.readFile('utf8');
  } finally {
    await file.close();
  }
}
