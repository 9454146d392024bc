import { randomUUID } from 'node:crypto';
import { chmod, open, realpath, rename, rm, stat } from 'node:fs/promises';
import { basename, dirname, extname, join } from 'node:path';
import { LivenessError } from '../../errors.ts';
import { isOnlyAdded, loadApps } from './load-config.ts';
import type { Plan } from './plan.ts';

/** The text beside the file, found good: to be taken or left. */
export interface Draft {
  /** Puts it in the file's place, with the mode that the file had. Throws where the file has changed. */
  take(): Promise<void>;
  /** Removes it. Idempotent. */
  leave(): Promise<void>;
}

/**
 * Writes the text beside the file (a file that requires others finds them), loads both and compares.
 * Throws ERR_CONFIG where more than what was to be added differs; nothing is left behind then.
 */
export async function draftOf(named: string, plan: Plan): Promise<Draft> {
  const found = plan.before === '' ? null : await stat(named);
  // A link stays one, and what it leads to is replaced.
  const file = found === null ? named : await realpath(named);
  // A leading dot: PM2's watch mode does not look at it.
  const path = join(dirname(file), `.${randomUUID().slice(0, 8)}-${basename(file)}`);
  const leave = (): Promise<void> => rm(path, { force: true });
  try {
    await writeSynced(path, plan.after);
    if (found !== null) await chmod(path, found.mode & 0o7777);
    await mustBeGood(file, path, plan);
  } catch (error) {
    await leave();
    throw error;
  }
  const take = async (): Promise<void> => {
    await mustBeUnchanged(file, found?.mtimeMs ?? null);
    await rename(path, file);
  };
  return { take, leave };
}

async function mustBeGood(file: string, path: string, { before, added }: Plan): Promise<void> {
  if (before === '') {
    await loadApps(path);
    return;
  }
  if (await isOnlyAdded(file, path, added)) return;
  const kind = extname(file) === '.json' ? 'JSON' : 'code';
  throw new LivenessError('ERR_CONFIG', `its ${kind} gives something else once this is added`);
}

async function mustBeUnchanged(file: string, mtimeMs: number | null): Promise<void> {
  const now = await stat(file).catch(() => null);
  if ((now?.mtimeMs ?? null) === mtimeMs) return;
  throw new LivenessError('ERR_CONFIG', `${file} has changed meanwhile; run init again`);
}

async function writeSynced(path: string, text: string): Promise<void> {
  const file = await open(path, 'wx');
  try {
    await file.writeFile(text);
    await file.sync();
  } finally {
    await file.close();
  }
}
