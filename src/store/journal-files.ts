import { constants } from 'node:fs';
import type { FileHandle } from 'node:fs/promises';
import { join } from 'node:path';
import { codeOf } from '../errors.ts';
import { ensurePrivateDir, mustBeOurs } from '../leader/private-dir.ts';
import {
  openOwn,
  readSmallFile,
  setAside,
  systemFiles,
  type Files,
  type OwnFile,
} from './files.ts';
import { parseJournalLine, type JournalLine } from './journal-line.ts';

/** The most bytes of a journal file. */
export const FILE_BYTES = 1024 * 1024;

/** This many full files are kept, beside the one in use. */
const KEPT_FULL = 3;

/** The path of a journal file; age 0 is the one in use, higher ages are older. */
export function journalPath(dir: string, age: number): string {
  return join(dir, age === 0 ? 'incidents.jsonl' : `incidents.${age}.jsonl`);
}

/** All ages, oldest first. */
export const JOURNAL_AGES: readonly number[] = Array.from(
  { length: KEPT_FULL + 1 },
  (_, index) => KEPT_FULL - index,
);

/**
 * The text of a journal file; empty where there is none. Throws where it is not a regular file or cannot be
 * read.
 */
export async function readJournal(path: string, files: Files): Promise<string> {
  try {
    return await readSmallFile(path, 2 * FILE_BYTES, files);
  } catch (error) {
    if (codeOf(error) === 'ENOENT' || codeOf(error) === 'ENOTDIR') return '';
    throw error;
  }
}

/**
 * Adds whole lines at the end of the journal. A full file is rotated first, and a file that is not ours is
 * set aside. After a failure the file is as before, if the disk allows it.
 */
export async function appendJournal(
  dir: string,
  text: string,
  files: Files,
  wallMs: number,
): Promise<void> {
  await ensurePrivateDir(dir, files);
  const path = journalPath(dir, 0);
  const { size, nlink } = await sizeOf(path, files);
  const isFull = size > 0 && size + Buffer.byteLength(text) > FILE_BYTES;
  // A file with a second name may be somebody's copy, or a file that is not ours.
  if (isFull || nlink > 1) await rotate(dir, files);
  const opened = await openJournal(path, files).catch(async (error: unknown) => {
    if (codeOf(error) !== 'ERR_STORE') throw error;
    await setAside(path, wallMs, files);
    return openJournal(path, files);
  });
  try {
    await append(opened, text);
  } finally {
    await opened.file.close();
  }
}

function openJournal(path: string, files: Files): Promise<OwnFile> {
  return openOwn(path, constants.O_RDWR | constants.O_APPEND | constants.O_CREAT, files);
}

async function append({ file, found }: OwnFile, text: string): Promise<void> {
  if (found.nlink > 1) throw new Error('has a second name (a hard link)');
  if ((found.mode & 0o077) !== 0) await file.chmod(0o600);
  try {
    // A writer that was killed may have left half a line: ours must start on a new one.
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

async function sizeOf(
  path: string,
  files: Files,
): Promise<{ readonly size: number; readonly nlink: number }> {
  try {
    const found = await files.lstat(path);
    return found.isFile() ? found : { size: 0, nlink: 0 };
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return { size: 0, nlink: 0 };
    throw error;
  }
}

/** Renames every file to the next age; the oldest is overwritten. */
async function rotate(dir: string, files: Files): Promise<void> {
  for (const age of JOURNAL_AGES.slice(1)) {
    try {
      // The older file must move before the newer one gets its name.
      await files.rename(journalPath(dir, age), journalPath(dir, age + 1));
    } catch (error) {
      if (codeOf(error) !== 'ENOENT') throw error;
    }
  }
}

/** The lines of the journal in a folder, oldest first, for readers that change nothing. */
export async function readJournalLines(
  dir: string,
  files: Files = systemFiles,
): Promise<readonly JournalLine[]> {
  const lines: JournalLine[] = [];
  const isOurs = await mustBeOurs(dir, files).then(
    () => true,
    () => false,
  );
  if (!isOurs) return lines;
  for (const age of JOURNAL_AGES) {
    const text = await readJournal(journalPath(dir, age), files).catch(() => '');
    lines.push(...text.split('\n').flatMap((line) => parseJournalLine(line) ?? []));
  }
  return lines;
}
