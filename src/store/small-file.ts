import { constants } from 'node:fs';
import { LivenessError } from '../errors.ts';
import { openOwn, type Files } from './files.ts';

/**
 * The text of a regular file of our own of at most this many bytes, not followed where its name leads
 * elsewhere. Throws ERR_STORE with the reason what is none, and what the disk throws.
 */
export async function readSmallFile(
  path: string,
  mostBytes: number,
  files: Files,
): Promise<string> {
  const { file, found } = await openOwn(path, constants.O_RDONLY, files);
  try {
    if (found.size > mostBytes) {
      throw new LivenessError('ERR_STORE', `has ${found.size} bytes, ours never do`);
    }
    return await file.readFile('utf8');
  } finally {
    await file.close();
  }
}
