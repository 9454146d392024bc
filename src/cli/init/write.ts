import { randomUUID } from 'node:crypto';
import { constants, type Stats } from 'node:fs';
import { access, chmod, chown, open, readFile, realpath, rename, rm, stat } from 'node:fs/promises';
import { basename, dirname, extname, join } from 'node:path';
import { LivenessError, messageOf } from '../../errors.ts';
import { usage } from '../framework/parse-arguments.ts';
import { isOnlyAdded, loadApps } from './load-config.ts';
import type { Plan } from './plan.ts';

/** The text beside the file, found good: to be taken or left. */
export interface Draft {
  /** Puts it in the file's place, with the mode that the file had. Throws where the file has changed. */
  take(): Promise<void>;
  /** Removes it. Idempotent. */
  leave(): Promise<void>;
}

/**
 * Writes the text beside the file (a file that requires others finds them), loads both and compares.
 * Throws ERR_CONFIG where more than what was to be added differs, and ERR_USAGE where nothing can be
 * written; nothing is left behind then.
 */
export async function draftOf(named: string, plan: Plan): Promise<Draft> {
  const found = plan.before === '' ? null : await stat(named);
  // A link stays one, and what it leads to is replaced.
  const file = found === null ? named : await realpath(named);
  // A leading dot: PM2's watch mode does not look at it.
  const path = join(dirname(file), `.${randomUUID().slice(0, 8)}-${basename(file)}`);
  const leave = (): Promise<void> => rm(path, { force: true });
  await mustBeWritable(file, found);
  if (found !== null) mustBeOurs(found);
  try {
    // What the text was made from was read before the file was loaded, which may have taken seconds.
    await mustBeUnchanged(file, plan.before);
    // There are secrets in such files: as long as it is a draft nobody else reads it.
    await mustWork(file, () => writeSynced(path, plan.after, found === null ? 0o666 : 0o600));
    await mustBeGood(file, path, plan);
  } catch (error) {
    await leave();
    throw error;
  }
  const take = async (): Promise<void> => {
    await mustBeUnchanged(file, plan.before);
    await mustWork(file, async () => {
      // As the file is now, which somebody may have narrowed since.
      if (found !== null) await copyRights(path, await stat(file));
      await rename(path, file);
    });
  };
  return { take, leave };
}

/** Whether anybody may write; for who may all (root), too, it is what somebody wanted. */
const WRITABLE = 0o222;

/** A new file takes the place of the old one, and nobody but us would ask whether that may be written. */
async function mustBeWritable(file: string, found: Stats | null): Promise<void> {
  if (found !== null && ((found.mode & WRITABLE) === 0 || !(await isOursToWrite(file)))) {
    throw usage(`init: ${file} is read-only; ${WRITE_IT}`);
  }
  const folder = await stat(dirname(file)).catch(() => null);
  if (folder === null) throw usage(`init: there is no folder ${dirname(file)}; create it first`);
  if ((folder.mode & WRITABLE) === 0) {
    throw usage(`init: the folder ${dirname(file)} is read-only; ${WRITE_IT}`);
  }
}

function isOursToWrite(file: string): Promise<boolean> {
  return access(file, constants.W_OK).then(
    () => true,
    () => false,
  );
}

/** Root alone can give a file away; anybody else who replaced it would take it from its owner. */
function mustBeOurs({ uid }: Stats): void {
  const own = process.getuid?.();
  if (own === undefined || own === 0 || own === uid) return;
  const reason = `it belongs to user ${uid}, and what takes its place would belong to user ${own}`;
  throw new LivenessError('ERR_CONFIG', reason);
}

/**
 * With the owner, the group and, last, the mode of the file whose place it takes. A list of rights
 * beyond these (ACL) is not carried over, and another name (hard link) keeps the old text.
 */
async function copyRights(path: string, { mode, uid, gid }: Stats): Promise<void> {
  const hasGroup = await chown(path, uid, gid).then(
    () => true,
    // A group that we are not in: what it may, another group must not.
    () => false,
  );
  await chmod(path, mode & (hasGroup ? 0o7777 : 0o7707));
}

const WRITE_IT = 'make it writable (chmod u+w), then run init again';

/** What the disk or its rights refuse is told in a sentence. */
async function mustWork(file: string, write: () => Promise<void>): Promise<void> {
  try {
    await write();
  } catch (cause) {
    throw usage(
      `init: ${file} cannot be written and is as it was: ${messageOf(cause)}; make room or give the right to write, then run init again`,
    );
  }
}

async function mustBeGood(file: string, path: string, { before, added }: Plan): Promise<void> {
  if (before === '') {
    await loadApps(path);
    return;
  }
  if (await isOnlyAdded(file, path, added)) return;
  const kind = extname(file) === '.json' ? 'JSON' : 'code';
  throw new LivenessError('ERR_CONFIG', `its ${kind} gives something else once this is added`);
}

/** By its text: one that was touched, or saved as it was, is the same. A file that is not there has none. */
async function mustBeUnchanged(file: string, before: string): Promise<void> {
  const now = await readFile(file, 'utf8').catch(() => '');
  if (now === before) return;
  throw new LivenessError('ERR_CONFIG', `${file} has changed meanwhile; run init again`);
}

async function writeSynced(path: string, text: string, mode: number): Promise<void> {
  const file = await open(path, 'wx', mode);
  try {
    await file.writeFile(text);
    await file.sync();
  } finally {
    await file.close();
  }
}
