import { constants } from 'node:fs';
import { join } from 'node:path';
import { codeOf } from '../../errors.ts';
import { mustBeOurs } from '../../leader/private-dir.ts';
import { ensurePrivateDir } from '../../leader/private-dir.ts';
import { inFile, openOwn, replaceFile, type Files } from '../../store/files.ts';
import { isHistoryFileName, MOST_FILE_BYTES } from './history-file.ts';
import { LONGEST_HISTORY_MS } from './steps.ts';

/** The folder of the histories in our folder. */
export const HISTORY_FOLDER = 'history';

/** At most this many files are kept, and as many apps have a history. */
export const MOST_HISTORIES = 1_000;

/** The bytes of a file of ours; null where there is none. Throws what the disk throws, and ERR_STORE. */
export async function readHistoryFile(path: string, files: Files): Promise<Buffer | null> {
  try {
    const { file, found } = await openOwn(path, constants.O_RDONLY, files);
    try {
      if (found.size > MOST_FILE_BYTES) return Buffer.alloc(0);
      return await file.readFile();
    } finally {
      await file.close();
    }
  } catch (error) {
    if (codeOf(error) === 'ENOENT' || codeOf(error) === 'ENOTDIR') return null;
    throw error;
  }
}

/** Replaces a file as a whole. Throws what the disk throws, with the path. */
export async function writeHistoryFile(
  dir: string,
  name: string,
  bytes: Buffer,
  files: Files,
): Promise<void> {
  const folder = join(dir, HISTORY_FOLDER);
  try {
    await ensurePrivateDir(dir, files);
    await ensurePrivateDir(folder, files);
    await replaceFile(join(folder, name), bytes, files);
  } catch (error) {
    throw inFile(join(folder, name), error);
  }
}

/**
 * Adds bytes at the end of a file that has `size` bytes; false, and nothing is added, where it has another size:
 * somebody else wrote it. Not synced: a power cut costs the last half minute, and the marks show where.
 */
export async function appendToHistoryFile(
  path: string,
  size: number,
  bytes: Buffer,
  files: Files,
): Promise<boolean> {
  try {
    const { file, found } = await openOwn(path, constants.O_RDWR | constants.O_APPEND, files);
    try {
      if (found.size !== size || found.nlink > 1) return false;
      await file.appendFile(bytes);
      return true;
    } finally {
      await file.close();
    }
  } catch (error) {
    if (codeOf(error) === 'ENOENT' || codeOf(error) === 'ERR_STORE') return false;
    throw inFile(path, error);
  }
}

/** The names of the files in the folder that have a history; none where there is no such folder of ours. */
export async function listHistoryFiles(dir: string, files: Files): Promise<readonly string[]> {
  const folder = join(dir, HISTORY_FOLDER);
  try {
    await mustBeOurs(folder, files);
    const names = await files.readdir(folder);
    return names.filter((name) => isHistoryFileName(name) && name.endsWith('.history')).sort();
  } catch {
    return [];
  }
}

/**
 * Removes what nobody needs: files that were not written for 90 days, unfinished ones of killed writers, and of
 * too many the oldest; never one of `inUse`. Never throws; one call of the disk at a time.
 */
export async function pruneHistoryFiles(
  dir: string,
  inUse: ReadonlySet<string>,
  wall: number,
  files: Files,
): Promise<void> {
  const folder = join(dir, HISTORY_FOLDER);
  const isOurs = await mustBeOurs(folder, files).then(
    () => true,
    () => false,
  );
  if (!isOurs) return;
  const names = await files.readdir(folder).catch((): string[] => []);
  const found: { name: string; at: number }[] = [];
  for (const name of names.filter((each) => isHistoryFileName(each) && !inUse.has(each))) {
    const { mtimeMs } = await files.lstat(join(folder, name)).catch(() => ({ mtimeMs: wall }));
    found.push({ name, at: mtimeMs });
  }
  const room = Math.max(0, MOST_HISTORIES - inUse.size);
  const kept = found.toSorted((one, other) => other.at - one.at);
  for (const [rank, { name, at }] of kept.entries()) {
    const isOld = wall - at > LONGEST_HISTORY_MS;
    if (!isOld && !name.endsWith('.tmp') && rank < room) continue;
    // `unlink` leaves a folder alone, which is not ours.
    await files.unlink(join(folder, name)).catch(() => undefined);
  }
}
