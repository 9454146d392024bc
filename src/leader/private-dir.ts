import { constants } from 'node:fs';
import { chmod, lstat, mkdir, open, stat } from 'node:fs/promises';
import { basename, dirname } from 'node:path';
import { codeOf, LivenessError, messageOf } from '../errors.ts';

const PRIVATE = 0o700;

/** The part of node:fs/promises that the guard uses, so that a test can let it fail. */
export interface DirCalls {
  readonly chmod: typeof chmod;
  readonly lstat: typeof lstat;
  readonly mkdir: typeof mkdir;
  readonly open: typeof open;
  readonly stat: typeof stat;
}

const SYSTEM: DirCalls = { chmod, lstat, mkdir, open, stat };

/** A link is not followed, and whatever else stands there is not waited for. */
const AS_FOLDER =
  constants.O_RDONLY |
  (constants.O_DIRECTORY ?? 0) |
  (constants.O_NOFOLLOW ?? 0) |
  (constants.O_NONBLOCK ?? 0); // Windows has none of them

/**
 * The one guard of a folder of ours, for the state files and for the lock: creates it, or narrows it
 * to its owner. Throws ERR_STORE where something else stands there or where it is not ours.
 */
export async function ensurePrivateDir(dir: string, calls: DirCalls = SYSTEM): Promise<void> {
  try {
    await calls.mkdir(dir, { recursive: true, mode: PRIVATE });
  } catch (error) {
    const message = `${dir}: cannot be created (${messageOf(error)}); it must be a folder of our own`;
    throw new LivenessError('ERR_STORE', message, { cause: error });
  }
  const mode = await mustBeOurs(dir, calls);
  if (mode !== PRIVATE && process.platform !== 'win32') await narrow(dir, calls);
}

/**
 * The permission bits of a folder of ours that is there. Throws ERR_STORE as `ensurePrivateDir` does,
 * and Node's error (ENOENT) where there is none.
 */
export async function mustBeOurs(dir: string, calls: DirCalls = SYSTEM): Promise<number> {
  const found = await calls.lstat(dir);
  if (!found.isDirectory()) {
    const got = found.isSymbolicLink() ? 'a symbolic link' : 'no folder';
    throw new LivenessError('ERR_STORE', `${dir}: got ${got}, want a folder; move it away`);
  }
  await mustOwn(dir, found.uid, calls);
  return found.mode & 0o777;
}

/** The mode is changed on what was opened and looked at: by its name, a link's target would get it. */
async function narrow(dir: string, calls: DirCalls): Promise<void> {
  const folder = await calls.open(dir, AS_FOLDER).catch((error: unknown) => {
    // One that not even its owner may read can only be opened after that.
    if (codeOf(error) === 'EACCES') return null;
    throw error;
  });
  if (folder === null) return calls.chmod(dir, PRIVATE);
  try {
    const found = await folder.stat();
    await mustOwn(dir, found.uid, calls);
    await folder.chmod(PRIVATE);
  } finally {
    await folder.close();
  }
}

async function mustOwn(dir: string, uid: number, calls: DirCalls): Promise<void> {
  const own = process.getuid?.();
  if (own === undefined || uid === own) return;
  // Root may serve a user's PM2_HOME, and nobody else's folder in it.
  if (own === 0 && uid === (await homeOwner(dir, calls))) return;
  const message = `${dir}: belongs to user ${uid}, we are ${own}; remove it or run as that user`;
  throw new LivenessError('ERR_STORE', message);
}

/**
 * The user that a folder's PM2_HOME belongs to; null where that is not known. A folder in a shared
 * place has the number in its name (see control/socket-path.ts); any other stands in its PM2_HOME.
 */
export async function homeOwner(
  dir: string,
  calls: Pick<DirCalls, 'stat'> = SYSTEM,
): Promise<number | null> {
  const number = SHARED.exec(basename(dir))?.groups?.['uid'];
  if (number !== undefined) return Number(number);
  return calls.stat(dirname(dir)).then(
    ({ uid }) => uid,
    () => null,
  );
}

const SHARED = /^pm2-liveness-(?<uid>\d+)-[0-9a-f]{16}$/;
