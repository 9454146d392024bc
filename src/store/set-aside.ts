import { basename, dirname, join } from 'node:path';
import { messageOf } from '../errors.ts';
import type { Files } from './files.ts';

/** This many files that could not be used stay for a look. */
const KEPT_BAD = 3;

/**
 * Renames a file that cannot be used to `<file>.bad-<time>`, so that it stops nobody and is not lost.
 * Gives what became of it, for the log; never throws.
 */
export async function setAside(path: string, wallMs: number, files: Files): Promise<string> {
  const stamp = String(Math.max(0, Math.trunc(wallMs))).padStart(15, '0');
  const aside = `${path}.bad-${stamp}`;
  try {
    await files.rename(path, aside);
  } catch (error) {
    return `it could not be set aside (${messageOf(error)})`;
  }
  await removeOldest(dirname(path), `${basename(path)}.bad-`, files);
  return `set aside as ${basename(aside)}`;
}

async function removeOldest(dir: string, prefix: string, files: Files): Promise<void> {
  const names = await files.readdir(dir).catch((): string[] => []);
  const bad = names.filter((name) => name.startsWith(prefix)).sort();
  const tooMany = bad.slice(0, Math.max(0, bad.length - KEPT_BAD));
  // A folder somebody put there is not ours to empty; unlink leaves it alone.
  await Promise.all(tooMany.map((name) => files.unlink(join(dir, name)).catch(() => undefined)));
}
