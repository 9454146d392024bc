import { constants } from 'node:fs';
import { codeOf, messageOf } from '../errors.ts';
import { MOST_FILE_BYTES, parseDocument, type StateDocument } from './document.ts';
import type { Files } from './files.ts';
import { setAside } from './set-aside.ts';

/** What stood in the file: nothing, a document, or something that was set aside. */
export interface Loaded {
  readonly document: StateDocument | null;
  /** A sentence for the log; null where all is well. */
  readonly warning: string | null;
}

/**
 * Reads the state file. What cannot be used is renamed to `<file>.bad-<time>`, so that it stops
 * nobody and is not lost. Never throws.
 */
export async function loadState(path: string, wallMs: number, files: Files): Promise<Loaded> {
  let why: string;
  try {
    const document = await readDocument(path, files);
    if (typeof document !== 'string') return { document, warning: null };
    why = document;
  } catch (error) {
    // No file, or no folder for it (which a save would tell of): there is nothing to lose.
    const code = codeOf(error);
    if (code === 'ENOENT' || code === 'ENOTDIR') return { document: null, warning: null };
    why = `cannot be read (${messageOf(error)})`;
  }
  const aside = await setAside(path, wallMs, files);
  return { document: null, warning: `${path} ${why}; ${aside}; we begin without a memory` };
}

/** A document, or why there is none. */
async function readDocument(path: string, files: Files): Promise<StateDocument | string> {
  const found = await files.lstat(path);
  if (!found.isFile()) return 'is no regular file';
  if (found.size > MOST_FILE_BYTES) return `has ${found.size} bytes, ours never do`;
  const file = await files.open(path, constants.O_RDONLY | (constants.O_NOFOLLOW ?? 0));
  try {
    return parseDocument(await file.readFile('utf8'));
  } finally {
    await file.close();
  }
}
