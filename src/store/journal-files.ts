import { constants } from 'node:fs';
import type { FileHandle } from 'node:fs/promises';
import { join } from 'node:path';
import { codeOf } from '../errors.ts';
import { ensureFolder, type Files } from './files.ts';
import { readSmallFile } from './small-file.ts';

/** A journal file is not written any further than this, in bytes. */
export const FILE_BYTES = 1024 * 1024;

/** So many full files are kept beside the one that is written. */
const KEPT_FULL = 3;

const NOFOLLOW = constants.O_NOFOLLOW ?? 0; // Windows has none

/** The path of the journal's file; 0 is the one that is written, higher ones are older. */
export function journalPath(dir: string, age: number): string {
  return join(dir, age === 0 ? 'incidents.jsonl' : `incidents.${age}.jsonl`);
}

/** All ages, the oldest first. */
export const JOURNAL_AGES: readonly number[] = Array.from(
  { length: KEPT_FULL + 1 },
  (_, index) => KEPT_FULL - index,
);

/** The text of a journal file; empty where there is none. Throws what is no regular file or cannot be read. */
export async function readJournal(path: string, files: Files): Promise<string> {
  try {
    return await readSmallFile(path, 2 * FILE_BYTES, files);
  } catch (error) {
    if (codeOf(error) === 'ENOENT' || codeOf(error) === 'ENOTDIR') return '';
    throw error;
  }
}

/**
 * Adds whole lines at the end of the journal; a full file makes room first. Where it fails, the file
 * is as it was before, as far as the disk lets it be.
 */
export async function appendJournal(dir: string, text: string, files: Files): Promise<void> {
  await ensureFolder(dir, files);
  const path = journalPath(dir, 0);
  const size = await sizeOf(path, files);
  if (size > 0 && size + Buffer.byteLength(text) > FILE_BYTES) await rotate(dir, files);
  const flags = constants.O_RDWR | constants.O_APPEND | constants.O_CREAT | NOFOLLOW;
  const file = await files.open(path, flags, 0o600);
  try {
    await append(file, text);
  } finally {
    await file.close();
  }
}

async function append(file: FileHandle, text: string): Promise<void> {
  const found = await file.stat();
  if (!found.isFile()) throw new Error('is no regular file');
  if ((found.mode & 0o077) !== 0) await file.chmod(0o600);
  try {
    // A writer that was killed may have left half a line; ours must not be glued to it.
    await file.appendFile((await endsWhole(file, found.size)) ? text : `\n${text}`);
    await file.datasync();
  } catch (error) {
    await file.truncate(found.size).catch(() => undefined);
    throw error;
  }
}

async function endsWhole(file: FileHandle, size: number): Promise<boolean> {
  if (size === 0) return true;
  const { buffer } = await file.read(Buffer.alloc(1), 0, 1, size - 1);
  return buffer[0] === 0x0a;
}

async function sizeOf(path: string, files: Files): Promise<number> {
  try {
    return (await files.lstat(path)).size;
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return 0;
    throw error;
  }
}

/** Moves every file on by one; the oldest is overwritten. */
async function rotate(dir: string, files: Files): Promise<void> {
  for (const age of JOURNAL_AGES.slice(1)) {
    try {
      // oxlint-disable-next-line no-await-in-loop -- the older must go before the newer takes its name
      await files.rename(journalPath(dir, age), journalPath(dir, age + 1));
    } catch (error) {
      if (codeOf(error) !== 'ENOENT') throw error;
    }
  }
}
