import { stat } from 'node:fs/promises';
import { codeOf } from '../errors.ts';

/** False only where surely nothing is at a path; a path that we may not read counts as there. */
export async function isThere(path: string): Promise<boolean> {
  try {
    await stat(path);
    return true;
  } catch (error) {
    const code = codeOf(error);
    return code !== 'ENOENT' && code !== 'ENOTDIR';
  }
}
