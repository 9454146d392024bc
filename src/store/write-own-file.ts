import { join } from 'node:path';
import { ensurePrivateDir } from '../leader/private-dir.ts';
import { inFile, replaceFile, type Files } from './files.ts';

/** Replaces a file of our folder `dir`, which is made where it is missing. Throws what the disk throws, with the path. */
export async function writeOwnFile(
  dir: string,
  name: string,
  text: string,
  files: Files,
): Promise<void> {
  const path = join(dir, name);
  try {
    await ensurePrivateDir(dir, files);
    await replaceFile(path, text, files);
  } catch (error) {
    throw inFile(path, error);
  }
}
