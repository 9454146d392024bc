import type { Stats } from 'node:fs';
import { lstat } from 'node:fs/promises';
import { dirname } from 'node:path';
import { codeOf } from '../errors.ts';
import { homeOwner } from '../leader/private-dir.ts';

/** Others may write. */
const OPEN_TO_OTHERS = 0o022;

/** There, as in /tmp, nobody can take away or rename what is another's. */
const STICKY = 0o1000;

/**
 * Why what listens at `path` is not to be believed; null where it is, or where nothing is there. Who
 * answers there can say that all is well, so the folder and the socket must belong to ourselves, to
 * root or to the owner of the PM2_HOME, and nobody else may have put them there.
 */
export async function distrustOf(path: string): Promise<string | null> {
  const own = process.getuid?.();
  // A named pipe is no file, and Windows users have no numbers.
  if (own === undefined || path.startsWith('\\\\.\\pipe\\') || path.startsWith('\0')) return null;
  const dir = dirname(path);
  const folder = await lookAt(dir);
  const socket = await lookAt(path);
  if (folder === null || socket === null) return null;
  if (folder.isSymbolicLink()) return `${dir} is a symbolic link; remove it`;
  const trusted = new Set([own, 0, await homeOwner(dir)]);
  if (!trusted.has(folder.uid))
    return `${dir} belongs to user ${folder.uid}, not to you; remove it`;
  const isOpen = (folder.mode & OPEN_TO_OTHERS) !== 0 && (folder.mode & STICKY) === 0;
  if (isOpen) return `others may write in ${dir}; chmod 700 it`;
  if (socket.isSymbolicLink()) return `${path} is a symbolic link; remove it`;
  return trusted.has(socket.uid)
    ? null
    : `${path} belongs to user ${socket.uid}, not to you; remove it`;
}

/** What stands there; null for nothing, and where we may not look, so that connecting says why. */
async function lookAt(path: string): Promise<Stats | null> {
  return lstat(path).catch((error: unknown) => {
    if (['ENOENT', 'ENOTDIR', 'EACCES', 'ENAMETOOLONG'].includes(codeOf(error) ?? '')) return null;
    throw error;
  });
}
