import { constants } from 'node:fs';
import { chmod, lstat, mkdir, open, stat } from 'node:fs/promises';
import { basename, dirname } from 'node:path';
import { codeOf, LivenessError, messageOf } from '../errors.ts';

const PRIVATE = 0o700;

/** The part of node:fs/promises that is used here, so that a test can make it fail. */
interface DirCalls {
  readonly chmod: typeof chmod;
  readonly lstat: typeof lstat;
  readonly mkdir: typeof mkdir;
  readonly open: typeof open;
  readonly stat: typeof stat;
}

const SYSTEM: DirCalls = { chmod, lstat, mkdir, open, stat };

/** Do not follow a link, and do not wait for anything that is no folder. */
const AS_FOLDER =
  constants.O_RDONLY |
  (constants.O_DIRECTORY ?? 0) |
  (constants.O_NOFOLLOW ?? 0) |
  (constants.O_NONBLOCK ?? 0); // Windows has none of them

/**
 * Makes a folder of ours, for the state files or the lock, or restricts an existing one to its owner. Throws
 * ERR_STORE where it is no folder or not ours.
 */
export async function ensurePrivateDir(dir: string, calls: DirCalls = SYSTEM): Promise<void> {
  try {
    await calls.mkdir(dir, { recursive: true, mode: PRIVATE });
  } catch (error) {
    const message = `${dir}: cannot be created (${messageOf(error)}); the monitor needs a folder of its own there`;
    throw new LivenessError('ERR_STORE', message, { cause: error });
  }
  const mode = await mustBeOurs(dir, calls);
  if (mode !== PRIVATE && process.platform !== 'win32') await narrow(dir, calls);
}

/**
 * The permission bits of an existing folder of ours. Throws ERR_STORE as `ensurePrivateDir` does, and Node's
 * error (ENOENT) where it is missing.
 */
export async function mustBeOurs(dir: string, calls: DirCalls = SYSTEM): Promise<number> {
  const found = await calls.lstat(dir);
  if (!found.isDirectory()) {
    const got = found.isSymbolicLink() ? 'a symbolic link' : 'something else';
    throw new LivenessError('ERR_STORE', `${dir}: got ${got}, wanted a folder; move it away`);
  }
  await mustOwn(dir, found.uid, calls);
  return found.mode & 0o777;
}

/**
 * Changes the mode of the opened and checked folder: by its name, the target of a link could get the mode.
 */
async function narrow(dir: string, calls: DirCalls): Promise<void> {
  const folder = await calls.open(dir, AS_FOLDER).catch((error: unknown) => {
    // A folder that not even its owner may read can be opened only after a change of its mode.
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
  // Root may run for a user's PM2_HOME, but not use another user's folder in it.
  if (own === 0 && uid === (await homeOwner(dir, calls))) return;
  const message = `${dir}: belongs to user ${uid}, and this program runs as user ${own}; remove it or run as that user`;
  throw new LivenessError('ERR_STORE', message);
}

/**
 * The owner of a folder's PM2_HOME; null where not known. A folder under /tmp has the number in its name (see
 * control/socket-path.ts); any other is in its PM2_HOME.
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
