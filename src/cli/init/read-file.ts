import { lstat, readFile, readlink, stat } from 'node:fs/promises';
import { codeOf, LivenessError, messageOf } from '../../errors.ts';

/**
 * The text of a file that init may edit; null where there is none. `name` is its name in messages. Throws
 * ERR_CONFIG for a file that an edit would break.
 */
export async function readEcosystemFile(file: string, name: string): Promise<string | null> {
  try {
    if (!(await stat(file)).isFile()) {
      throw refuse(`${name} is no file; name the ecosystem file after init`);
    }
    return decode(await readFile(file), name);
  } catch (cause) {
    if (cause instanceof LivenessError) throw cause;
    if (codeOf(cause) === 'ENOENT') return rejectDanglingLink(file, name);
    throw refuse(`${name} cannot be read: ${messageOf(cause)}`, cause);
  }
}

/** Null where nothing is there. Throws for a dead link, which a new file would replace. */
async function rejectDanglingLink(file: string, name: string): Promise<null> {
  const found = await lstat(file).catch(() => null);
  if (found === null) return null;
  const to = await readlink(file);
  throw refuse(
    `${name} is a link to ${to}, which is not there; create that file or remove the link`,
  );
}

/** Throws for bytes that are not UTF-8: a lax decoder would write U+FFFD instead. */
function decode(bytes: Buffer, name: string): string {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch (cause) {
    throw refuse(`${name} is not valid UTF-8; save it as UTF-8`, cause);
  }
}

function refuse(what: string, cause?: unknown): LivenessError {
  return new LivenessError('ERR_CONFIG', `init: ${what}, then run init again`, { cause });
}
