import { open, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { codeOf } from '../errors.ts';
import { ensurePrivateDir } from '../leader/private-dir.ts';
import type { OsReader } from '../os/os-reader.ts';

const FILE = 'guard.lock';

/**
 * Runs `work` while no other look runs in this folder; null where one does. A look that was killed leaves its file, and
 * with it its pid and birth, so that the next one knows that it is gone.
 */
export async function alone<Value>(
  dir: string,
  reader: Pick<OsReader, 'births'>,
  work: () => Promise<Value>,
): Promise<Value | null> {
  await ensurePrivateDir(dir);
  const path = join(dir, FILE);
  const own = `${process.pid} ${(await reader.births([process.pid]))?.get(process.pid) ?? ''}`;
  if (!(await take(path, own))) {
    if (await isHeld(path, reader)) return null;
    await rm(path, { force: true });
    if (!(await take(path, own))) return null;
  }
  try {
    return await work();
  } finally {
    await rm(path, { force: true });
  }
}

async function take(path: string, own: string): Promise<boolean> {
  try {
    const file = await open(path, 'wx', 0o600);
    await file.writeFile(own).finally(() => file.close());
    return true;
  } catch (error) {
    if (codeOf(error) === 'EEXIST') return false;
    throw error;
  }
}

async function isHeld(path: string, reader: Pick<OsReader, 'births'>): Promise<boolean> {
  const [pid = '', birth] = (await readFile(path, 'utf8').catch(() => '')).split(' ');
  if (!/^\d{1,10}$/.test(pid)) return false;
  const births = await reader.births([Number(pid)]);
  return births === null || births.get(Number(pid)) === birth;
}
