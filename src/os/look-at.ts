import type { Stats } from 'node:fs';
import { stat } from 'node:fs/promises';
import { codeOf } from '../errors.ts';

/**
 * What is at a path, symbolic links followed. `missing` only where there is surely nothing, a dangling link
 * included; `unknown` where it cannot be seen.
 */
export async function lookAt(path: string): Promise<Stats | 'missing' | 'unknown'> {
  try {
    return await stat(path);
  } catch (error) {
    const code = codeOf(error);
    return code === 'ENOENT' || code === 'ENOTDIR' ? 'missing' : 'unknown';
  }
}
