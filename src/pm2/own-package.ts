import { readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { codeOf } from '../errors.ts';
import { MONITOR_NAME } from './monitor-process.ts';

const LISTS = ['dependencies', 'devDependencies', 'optionalDependencies', 'peerDependencies'];

/**
 * True where npm (or another manager) has uninstalled the package whose program PM2 runs: the program is gone, and the
 * package.json beside its node_modules does not list it, or is gone too. A program that is not in node_modules was
 * not installed. Rejects where a file may not be read.
 */
export async function isUninstalled(program: string): Promise<boolean> {
  const at = program.search(/[\\/]node_modules[\\/]/);
  if (at < 0 || (await orNull(stat(program))) !== null) return false;
  const text = await orNull(readFile(join(program.slice(0, at), 'package.json'), 'utf8'));
  if (text === null) return true;
  const manifest: unknown = JSON.parse(text.replace(/^\uFEFF/, ''));
  return !LISTS.some((key) => hasOwnName(manifest, key));
}

function hasOwnName(manifest: unknown, key: string): boolean {
  if (typeof manifest !== 'object' || manifest === null) return false;
  const list: unknown = Object.entries(manifest).find(([name]) => name === key)?.[1];
  return typeof list === 'object' && list !== null && Object.hasOwn(list, MONITOR_NAME);
}

/** Null for a file that is missing. */
async function orNull<T>(reading: Promise<T>): Promise<T | null> {
  try {
    return await reading;
  } catch (error) {
    const code = codeOf(error);
    if (code === 'ENOENT' || code === 'ENOTDIR') return null;
    throw error;
  }
}
