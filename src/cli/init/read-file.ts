import { lstat, readFile, readlink, stat } from 'node:fs/promises';
import { codeOf, LivenessError, messageOf } from '../../errors.ts';

/**
 * The text of a file that init may edit; null where there is none. `name` is what a person calls it.
 * Throws ERR_CONFIG for what could only be broken by an edit.
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

/** Nothing is there, or a link that leads nowhere: what is written in its place would replace the link. */
async function rejectDanglingLink(file: string, name: string): Promise<null> {
  const found = await lstat(file).catch(() => null);
  if (found === null) return null;
  const to = await readlink(file);
  throw refuse(
    `${name} is a link to ${to}, which is not there; create that file or remove the link`,
  );
}

/** A byte that is not UTF-8 would come back as U+FFFD from a decoder that lets it pass. */
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
