import { dirname } from 'node:path';
import { mustBeOurs } from '../leader/private-dir.ts';
import { codeOf, LivenessError, messageOf } from '../errors.ts';
import { MOST_FILE_BYTES, parseDocument, type StateDocument } from './document.ts';
import type { Files } from './files.ts';
import { setAside } from './set-aside.ts';
import { readSmallFile } from './small-file.ts';

/** What stood in the file: nothing, a document, or something that was set aside. */
export interface Loaded {
  readonly document: StateDocument | null;
  /** A sentence for the log; null where all is well. */
  readonly warning: string | null;
}

/**
 * Reads the state file. What cannot be used is renamed to `<file>.bad-<time>`, so that it stops
 * nobody and is not lost. Throws ERR_STORE where the folder is none of ours: it may become so.
 */
export async function loadState(path: string, wallMs: number, files: Files): Promise<Loaded> {
  let why: string;
  const folder = await troubleWith(dirname(path), files);
  if (folder !== null) throw new LivenessError('ERR_STORE', folder);
  try {
    const document = parseDocument(await readSmallFile(path, MOST_FILE_BYTES, files));
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

/** Why a folder is none of ours, so that nothing in it is read or moved; null where it is, or is not there. */
export async function troubleWith(dir: string, files: Files): Promise<string | null> {
  return mustBeOurs(dir, files).then(
    () => null,
    (error: unknown) => (codeOf(error) === 'ERR_STORE' ? messageOf(error) : null),
  );
}
