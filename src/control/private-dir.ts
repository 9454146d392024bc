import { chmod, lstat, mkdir } from 'node:fs/promises';
import { LivenessError, messageOf } from '../errors.ts';

const PRIVATE = 0o700;

/**
 * Makes sure of a folder that only its owner may enter: creates it, or narrows its mode. Throws
 * ERR_STORE where something else stands there or, in a shared place, where it is not ours.
 */
export async function ensurePrivateDir(dir: string, isShared: boolean): Promise<void> {
  try {
    await mkdir(dir, { recursive: true, mode: PRIVATE });
  } catch (error) {
    const message = `${dir}: cannot be created (${messageOf(error)}); it must be a folder of our own`;
    throw new LivenessError('ERR_STORE', message, { cause: error });
  }
  const found = await lstat(dir);
  if (!found.isDirectory()) {
    const got = found.isSymbolicLink() ? 'a symbolic link' : 'no folder';
    throw new LivenessError('ERR_STORE', `${dir}: got ${got}, want a folder; move it away`);
  }
  const uid = process.getuid?.();
  // Beside PM2's own files a root daemon may serve a user's PM2_HOME; under /tmp nobody may.
  const isOurs = found.uid === uid || (uid === 0 && !isShared);
  if (!isOurs) {
    const message = `${dir}: belongs to user ${found.uid}, we are ${uid}; remove it or run as that user`;
    throw new LivenessError('ERR_STORE', message);
  }
  if ((found.mode & 0o777) !== PRIVATE) await chmod(dir, PRIVATE);
}
