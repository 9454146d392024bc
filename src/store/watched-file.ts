import { constants } from 'node:fs';
import { dirname, join } from 'node:path';
import { codeOf, LivenessError, messageOf } from '../errors.ts';
import { ensurePrivateDir, mustBeOurs } from '../leader/private-dir.ts';
import { readJson } from '../text/read-json.ts';
import { isFields } from '../text/fields.ts';
import { withFileLock } from './file-lock.ts';
import {
  inFile,
  readSmallFile,
  replaceFile,
  systemFiles,
  type Files,
  type Owner,
} from './files.ts';

/** An app that `pm2-liveness watch` had watched, as the file has it; a later version may add fields. */
export interface WatchedEntry {
  /** PM2's name of the app, at most 256 characters. */
  readonly name: string;
  /** Its `env_liveness` block, not checked. */
  readonly block: unknown;
}

/** What the file says; fields that this version does not know are kept. */
export interface WatchedDocument {
  readonly schemaVersion: 1;
  readonly apps: readonly WatchedEntry[];
}

/** The name of the file in PM2_HOME/pm2-liveness. */
export const WATCHED_FILE = 'watched.json';

/** The most apps in the file, and the most characters of a name. */
const [MOST_APPS, LONGEST_NAME] = [1_000, 256];
const MOST_BYTES = 4 * 1024 * 1024;
/** A block has at most eight levels, and is two levels down in the file. */
const DEEPEST = 16;

const NONE: WatchedDocument = { schemaVersion: 1, apps: [] };

/**
 * What the file in the folder `dir` says; none where there is no file. A string is a sentence that says why it
 * cannot be read. Never rejects.
 */
export async function readWatched(
  dir: string,
  files: Files = systemFiles,
): Promise<WatchedDocument | string> {
  const path = join(dir, WATCHED_FILE);
  try {
    await mustBeOurs(dir, files);
    const read = parseWatched(await readSmallFile(path, MOST_BYTES, files));
    return typeof read === 'string' ? `${path} ${read}` : read;
  } catch (error) {
    const code = codeOf(error);
    if (code === 'ENOENT' || code === 'ENOTDIR') return NONE;
    return messageOf(inFile(path, error));
  }
}

/** Reads the text of the file; a string says why it is not one. Never throws. */
export function parseWatched(text: string): WatchedDocument | string {
  const read = readJson(text, { mostCharacters: MOST_BYTES, deepest: DEEPEST });
  if (!read.ok) return read.reason;
  const { value } = read;
  if (!isFields(value)) return 'is not a JSON object';
  const { schemaVersion, apps } = value;
  if (schemaVersion !== 1) {
    const got = JSON.stringify(schemaVersion)?.slice(0, 20) ?? 'none';
    return `has schemaVersion ${got}; this version of pm2-liveness reads only 1`;
  }
  if (!Array.isArray(apps)) return 'has no list of apps';
  if (apps.length > MOST_APPS) return `has ${apps.length} apps, more than ${MOST_APPS}`;
  const wrong = apps.findIndex((app) => !isEntry(app));
  if (wrong >= 0) return `has an invalid app as number ${wrong + 1} of its list`;
  return { ...value, schemaVersion, apps };
}

function isEntry(value: unknown): value is WatchedEntry {
  if (!isFields(value)) return false;
  const { name, block } = value;
  const isName = typeof name === 'string' && name !== '' && name.length <= LONGEST_NAME;
  return isName && block !== undefined;
}

/** The document with this block for an app in place of an earlier one, or without the app (`undefined`). */
export function withWatched(
  document: WatchedDocument,
  name: string,
  block: unknown,
): WatchedDocument {
  const others = document.apps.filter((app) => app.name !== name);
  const before = document.apps.find((app) => app.name === name);
  const apps = block === undefined ? others : [...others, { ...before, name, block }];
  return { ...document, apps };
}

/**
 * Replaces the document in the file, readable only for its owner, by what `change` makes of it; one process after
 * the other. Throws ERR_STORE where the file cannot be read or would be too large, and what the disk throws.
 */
export async function updateWatched(
  dir: string,
  change: (document: WatchedDocument) => WatchedDocument,
  files: Files = systemFiles,
): Promise<void> {
  const path = join(dir, WATCHED_FILE);
  try {
    const user = await userOf(dir, files);
    await ensureUsersDir(dir, user, files);
    await withFileLock(`${path}.lock`, BUSY, files, async () => {
      const before = await readWatched(dir, files);
      if (typeof before === 'string') throw new LivenessError('ERR_STORE', `${before}; ${FIX_IT}`);
      const text = `${JSON.stringify(change(before), null, 2)}\n`;
      const isTooLarge = Buffer.byteLength(text) > MOST_BYTES;
      const read = isTooLarge ? 'would be too large' : parseWatched(text);
      if (typeof read === 'string') throw new LivenessError('ERR_STORE', `${path} ${read}`);
      await replaceFile(path, text, files, user);
    });
  } catch (error) {
    throw codeOf(error) === 'ERR_STORE' ? error : inFile(path, error);
  }
}

/** What to do about a file that cannot be read. */
export const FIX_IT = 'correct it, or move it away and watch the apps again';

/** What is said where the lock is not free. */
const BUSY = 'another pm2-liveness changes the list of watched apps';

/** The owner of PM2_HOME where root works for another user, whose monitor must be able to read the file; else null. */
async function userOf(dir: string, files: Files): Promise<Owner | null> {
  if (process.getuid?.() !== 0) return null;
  // No PM2_HOME yet: what is made now is root's.
  const home = await files.stat(dirname(dir)).catch(() => null);
  return home === null || home.uid === 0 ? null : { uid: home.uid, gid: home.gid };
}

/** Makes the folder; one that root makes for another user is given to that user. */
async function ensureUsersDir(dir: string, user: Owner | null, files: Files): Promise<void> {
  const isThere = await files.lstat(dir).then(
    () => true,
    () => false,
  );
  await ensurePrivateDir(dir, files);
  if (isThere || user === null) return;
  const flags = constants.O_RDONLY | (constants.O_DIRECTORY ?? 0) | (constants.O_NOFOLLOW ?? 0);
  const folder = await files.open(dir, flags);
  try {
    await folder.chown(user.uid, user.gid);
  } finally {
    await folder.close();
  }
}
