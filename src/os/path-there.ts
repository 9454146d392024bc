import { stat } from 'node:fs/promises';
import { codeOf } from '../errors.ts';

/** False only where there surely is nothing at a path; what may not be looked at is taken to be there. */
export async function isThere(path: string): Promise<boolean> {
  try {
    await stat(path);
    return true;
  } catch (error) {
    const code = codeOf(error);
    return code !== 'ENOENT' && code !== 'ENOTDIR';
  }
}
