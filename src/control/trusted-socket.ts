import type { Stats } from 'node:fs';
import { lstat } from 'node:fs/promises';
import { dirname } from 'node:path';
import { codeOf } from '../errors.ts';
import { homeOwner } from '../leader/private-dir.ts';

/** Group or others may write. */
const OPEN_TO_OTHERS = 0o022;

/** In such a folder (/tmp) nobody can remove or rename another user's files. */
const STICKY = 0o1000;

/**
 * Why the listener at `path` cannot be trusted; null where it can, or where nothing is there. A false monitor
 * could say that all is well, so the folder and the socket must belong to us, to root or to the owner of the
 * PM2_HOME, and nobody else may have put them there.
 */
export async function distrustOf(path: string): Promise<string | null> {
  const own = process.getuid?.();
  // A named pipe is no file, and users of Windows have no numbers.
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

/** The stat of a path; null where it is missing, or where we may not read it: the connect then says why. */
async function lookAt(path: string): Promise<Stats | null> {
  return lstat(path).catch((error: unknown) => {
    if (['ENOENT', 'ENOTDIR', 'EACCES', 'ENAMETOOLONG'].includes(codeOf(error) ?? '')) return null;
    throw error;
  });
}
