import { constants, type Stats } from 'node:fs';
import {
  chmod,
  lstat,
  mkdir,
  open,
  readdir,
  rename,
  stat,
  unlink,
  type FileHandle,
} from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { codeOf, LivenessError, messageOf } from '../errors.ts';

/** The part of node:fs/promises that the store uses, so that a test can make it fail. */
export interface Files {
  readonly chmod: typeof chmod;
  readonly lstat: typeof lstat;
  readonly mkdir: typeof mkdir;
  readonly open: typeof open;
  readonly readdir: typeof readdir;
  readonly rename: typeof rename;
  readonly stat: typeof stat;
  readonly unlink: typeof unlink;
}

/** The real file system. */
export const systemFiles: Files = { chmod, lstat, mkdir, open, readdir, rename, stat, unlink };

/** Do not follow links, and do not wait at a FIFO. */
const AS_FILE = (constants.O_NOFOLLOW ?? 0) | (constants.O_NONBLOCK ?? 0); // Windows has neither

/** The errors for something that cannot be opened as a file. */
const NO_FILE = new Set(['ELOOP', 'EMLINK', 'EISDIR', 'ENXIO', 'ENODEV']);

/** The user and group of a file. */
export interface Owner {
  readonly uid: number;
  readonly gid: number;
}

/** An open file of ours, and its stat. */
export interface OwnFile {
  readonly file: FileHandle;
  readonly found: Stats;
}

/**
 * Opens a regular file of our own. It is checked when it is open: after that nobody can replace it. Throws
 * ERR_STORE for anything else under this name, and what the disk throws.
 */
export async function openOwn(path: string, flags: number, files: Files): Promise<OwnFile> {
  const file = await files.open(path, flags | AS_FILE, 0o600).catch((error: unknown) => {
    throw NO_FILE.has(codeOf(error) ?? '') ? notOurs('is not a regular file') : error;
  });
  try {
    const found = await file.stat();
    if (!found.isFile()) throw notOurs('is not a regular file');
    await mustOwn(path, found.uid, files);
    return { file, found };
  } catch (error) {
    await file.close();
    throw error;
  }
}

async function mustOwn(path: string, uid: number, files: Files): Promise<void> {
  const own = process.getuid?.();
  if (own === undefined || uid === own) return;
  // Root may run for a user's PM2_HOME: the owner of the folder may own the files in it.
  if (own === 0 && uid === (await files.stat(dirname(path))).uid) return;
  throw notOurs(`belongs to user ${uid}, and the monitor runs as user ${own}`);
}

function notOurs(reason: string): LivenessError {
  return new LivenessError('ERR_STORE', reason);
}

/**
 * Replaces a whole file: a reader finds either the old text or the new one, also after a kill or a power cut.
 * Readable only for its owner: ourselves, or as given.
 */
export async function replaceFile(
  path: string,
  text: string | Uint8Array,
  files: Files,
  owner: Owner | null = null,
): Promise<void> {
  const unfinished = `${path}.${process.pid}.tmp`;
  // A new file, because a link under this name would be followed.
  await files.unlink(unfinished).catch(() => undefined);
  try {
    await writeSynced(unfinished, text, files, owner);
    await files.rename(unfinished, path);
  } catch (error) {
    // A full disk should not also keep half a file.
    await files.unlink(unfinished).catch(() => undefined);
    throw error;
  }
  await syncFolder(dirname(path), files);
}

async function writeSynced(
  path: string,
  text: string | Uint8Array,
  files: Files,
  owner: Owner | null,
): Promise<void> {
  const file = await files.open(path, 'wx', 0o600);
  try {
    await file.writeFile(text);
    if (owner !== null) await file.chown(owner.uid, owner.gid);
    // Without it a power cut can leave the new name on an empty file (ext4, XFS).
    await file.sync();
  } finally {
    await file.close();
  }
}

/** Removes the unfinished files of writers that were killed, except our own. Never throws. */
export async function removeUnfinished(dir: string, name: string, files: Files): Promise<void> {
  const names = await files.readdir(dir).catch((): string[] => []);
  const left = names.filter((file) => file.startsWith(`${name}.`) && /\.\d+\.tmp$/.test(file));
  await Promise.all(left.map((file) => files.unlink(join(dir, file)).catch(() => undefined)));
}

/** Syncs the folder, so that the new name lasts. Windows cannot do this, and may lose the last save. */
async function syncFolder(dir: string, files: Files): Promise<void> {
  const folder = await files.open(dir, 'r').catch(() => null);
  try {
    await folder?.sync();
  } catch {
    // A file system that cannot sync a folder: nothing more to do.
  } finally {
    await folder?.close();
  }
}

/** Adds the file's path to an error. */
export function inFile(path: string, error: unknown): Error {
  // The system's own error is short, and names the folder.
  const said = codeOf(error) === 'ERR_STORE' && error instanceof Error && error.cause;
  const message = messageOf(said ? said : error);
  return message.startsWith(dirname(path))
    ? new Error(message, { cause: error })
    : new Error(`${path}: ${message}`, { cause: error });
}

/**
 * The text of a regular file of our own, of at most `mostBytes`; links are not followed. Throws ERR_STORE
 * with the reason for anything else, and what the disk throws.
 */
export async function readSmallFile(
  path: string,
  mostBytes: number,
  files: Files,
): Promise<string> {
  const { file, found } = await openOwn(path, constants.O_RDONLY, files);
  try {
    if (found.size > mostBytes) {
      throw new LivenessError(
        'ERR_STORE',
        `has ${found.size} bytes, more than the monitor ever writes`,
      );
    }
    return await file.readFile('utf8');
  } finally {
    await file.close();
  }
}

/** At most this many files that could not be used are kept. */
const KEPT_BAD = 3;

/**
 * Renames a file that cannot be used to `<file>.bad-<time>`, so that it is not in the way and not lost.
 * Returns a sentence for the log. Never throws.
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
  // `unlink` leaves a folder alone, which is not ours.
  await Promise.all(tooMany.map((name) => files.unlink(join(dir, name)).catch(() => undefined)));
}
