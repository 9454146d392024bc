import { open, readFile, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { codeOf } from '../errors.ts';
import { ensurePrivateDir } from '../leader/private-dir.ts';
import { systemClock } from '../time/clock.ts';
import type { OsReader } from '../os/os-reader.ts';

/** Its name in the data folder; a look that was killed leaves it. */
export const GUARD_LOCK = 'guard.lock';

/** No room, for all or for this user. */
const FULL: ReadonlySet<string> = new Set(['ENOSPC', 'EDQUOT']);

/** A look writes its pid just after it has made the file. */
const YOUNG_MS = 10_000;

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
  const path = join(dir, GUARD_LOCK);
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
    try {
      await file.writeFile(own);
    } finally {
      await file.close();
    }
    return true;
  } catch (error) {
    if (codeOf(error) === 'EEXIST') return false;
    // A full disk is no reason to leave PM2 dead; systemd never runs one unit twice.
    if (!FULL.has(codeOf(error) ?? '')) throw error;
    await rm(path, { force: true });
    return true;
  }
}

async function isHeld(path: string, reader: Pick<OsReader, 'births'>): Promise<boolean> {
  const [pid = '', birth] = (await readFile(path, 'utf8').catch(() => '')).split(' ');
  // One that has just been made has nothing in it yet.
  if (!/^\d{1,10}$/.test(pid)) return isYoung(path);
  const births = await reader.births([Number(pid)]);
  return births === null || births.get(Number(pid)) === birth;
}

async function isYoung(path: string): Promise<boolean> {
  const found = await stat(path).catch(() => null);
  return found !== null && Math.abs(systemClock.wall() - found.mtimeMs) < YOUNG_MS;
}
