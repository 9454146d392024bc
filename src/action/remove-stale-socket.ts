import { lstat, unlink } from 'node:fs/promises';
import { connect } from 'node:net';
import { codeOf } from '../errors.ts';
import type { OsReader } from '../os/os-reader.ts';

/** The connect is to this machine: it is refused at once. */
const CONNECT_MS = 1_000;

/**
 * Removes the file of a Unix socket that an ended process has left: while it is there, no program can listen on
 * that path (EADDRINUSE). Only a socket of our own user is removed, only where a connection to it is
 * refused and the system shows no listener, and only if it is still the same file then. True where it was removed.
 * Never rejects.
 */
export async function removeStaleSocket(
  path: string,
  reader: Pick<OsReader, 'unix'>,
): Promise<boolean> {
  try {
    const before = await lstat(path);
    if (!before.isSocket() || before.uid !== process.geteuid?.()) return false;
    if (!(await isRefused(path))) return false;
    const listeners = await reader.unix?.listenersAt(path);
    const now = await lstat(path);
    if (listeners?.length !== 0 || now.ino !== before.ino || now.dev !== before.dev) return false;
    await unlink(path);
    return true;
  } catch {
    return false;
  }
}

/** True where nobody listens, also not in a container with the same folder. */
function isRefused(path: string): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect({ path, timeout: CONNECT_MS });
    const finish = (isFree: boolean): void => {
      socket.destroy();
      resolve(isFree);
    };
    socket.once('connect', () => finish(false));
    socket.once('timeout', () => finish(false));
    socket.on('error', (error) => finish(codeOf(error) === 'ECONNREFUSED'));
  });
}
