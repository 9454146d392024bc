import { constants } from 'node:fs';
import { open } from 'node:fs/promises';
import { homedir } from 'node:os';
import { isAbsolute, join } from 'node:path';
import { codeOf, LivenessError, messageOf } from '../../errors.ts';

const MAX_BYTES = 64 * 1024;
/** Opening must not wait, as it would at a pipe without a writer. */
const FLAGS = constants.O_RDONLY | (constants.O_NONBLOCK ?? 0);

/**
 * The text of a file with secrets, at a full path or below `~/`; `holds` says what is wanted in it, for a message.
 * Throws ERR_CONFIG where others can read it, where it belongs to another user, or where it cannot be read. The checks
 * are about the opened file, so a link may lead to it.
 */
export async function readSecretFile(given: string, holds: string): Promise<string> {
  const path = given.startsWith('~/') ? join(homedir(), given.slice(2)) : given;
  if (!isAbsolute(path)) throw wrong('got a path that is not full, wanted one that begins with /');
  const handle = await open(path, FLAGS).catch((error: unknown) => {
    throw wrong(`${path} cannot be read (${codeOf(error) ?? messageOf(error)})`);
  });
  try {
    const stat = await handle.stat();
    if (!stat.isFile()) throw wrong(`${path} is no file; wanted a text file with ${holds}`);
    mustBePrivate(path, stat);
    if (stat.size > MAX_BYTES) {
      throw wrong(`${path} has ${stat.size} bytes, wanted at most ${MAX_BYTES}`);
    }
    const { buffer, bytesRead } = await handle.read(Buffer.alloc(MAX_BYTES), 0, MAX_BYTES, 0);
    return buffer.subarray(0, bytesRead).toString('utf8');
  } finally {
    await handle.close();
  }
}

/** Windows has neither users nor modes here. */
function mustBePrivate(path: string, { uid, mode }: { uid: number; mode: number }): void {
  const own = process.getuid?.();
  if (own === undefined) return;
  if (uid !== own) {
    throw wrong(
      `${path} belongs to user ${uid}, and this program runs as user ${own}; nothing of it is read: make it yours (chown)`,
    );
  }
  if ((mode & 0o077) !== 0) {
    const got = (mode & 0o777).toString(8).padStart(4, '0');
    throw wrong(
      `${path} has mode ${got}, so others can read or write it; nothing of it is read: chmod 600 ${path}`,
    );
  }
}

function wrong(message: string): LivenessError {
  return new LivenessError('ERR_CONFIG', message);
}
