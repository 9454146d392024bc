import { randomUUID } from 'node:crypto';
import { constants, type Stats } from 'node:fs';
import { access, chmod, chown, open, readFile, realpath, rename, rm, stat } from 'node:fs/promises';
import { basename, dirname, extname, join } from 'node:path';
import { LivenessError, messageOf } from '../../errors.ts';
import { usage } from '../parse-arguments.ts';
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
  try {
    // What the text was made from was read before the file was loaded, which may have taken seconds.
    await mustBeUnchanged(file, plan.before);
    await mustWork(file, async () => {
      await writeSynced(path, plan.after);
      if (found !== null) await likeBefore(path, found);
    });
    await mustBeGood(file, path, plan);
  } catch (error) {
    await leave();
    throw error;
  }
  const take = async (): Promise<void> => {
    await mustBeUnchanged(file, plan.before);
    await mustWork(file, () => rename(path, file));
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

/** With the mode and, where root writes for somebody, the owner of the file whose place it takes. */
async function likeBefore(path: string, { mode, uid, gid }: Stats): Promise<void> {
  if (process.getuid?.() === 0) await chown(path, uid, gid);
  await chmod(path, mode & 0o7777);
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

async function writeSynced(path: string, text: string): Promise<void> {
  const file = await open(path, 'wx');
  try {
    await file.writeFile(text);
    await file.sync();
  } finally {
    await file.close();
  }
}
