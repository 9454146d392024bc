import { randomUUID } from 'node:crypto';
import { constants, type Stats } from 'node:fs';
import { access, chmod, chown, open, readFile, realpath, rename, rm, stat } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { LivenessError, messageOf } from '../../errors.ts';
import { usage } from '../framework/parse-arguments.ts';
import { kindOf } from './edit/file-kind.ts';
import { isOnlyAdded, loadApps } from './load-config.ts';
import type { Plan } from './plan.ts';

/** A draft beside the file that loads without error: take it or leave it. */
export interface Draft {
  /** Replaces the file with it, with the file's mode. Throws where the file has changed. */
  take(): Promise<void>;
  /** Removes it. Idempotent. */
  leave(): Promise<void>;
}

/**
 * Writes the text beside the file (so that its relative requires work), loads both and compares. Throws
 * ERR_CONFIG where they differ by more than the planned addition, and ERR_USAGE where nothing can be written;
 * the draft is removed then.
 */
export async function draftOf(named: string, plan: Plan): Promise<Draft> {
  const found = plan.before === '' ? null : await stat(named);
  // A link stays a link; its target is replaced.
  const file = found === null ? named : await realpath(named);
  // With a leading dot PM2's watch mode ignores it.
  const path = join(dirname(file), `.${randomUUID().slice(0, 8)}-${basename(file)}`);
  const leave = (): Promise<void> => rm(path, { force: true });
  await mustBeWritable(file, found);
  if (found !== null) mustBeOurs(found);
  try {
    // The text was read before the file was loaded, which may have taken seconds.
    await mustBeUnchanged(file, plan.before);
    // Such files have secrets: nobody else may read the draft.
    await mustWork(file, () => writeSynced(path, plan.after, found === null ? 0o666 : 0o600));
    await mustBeGood(file, path, plan);
  } catch (error) {
    await leave();
    throw error;
  }
  const take = async (): Promise<void> => {
    await mustBeUnchanged(file, plan.before);
    await mustWork(file, async () => {
      // The present rights of the file, which may have changed since.
      if (found !== null) await copyRights(path, await stat(file));
      await rename(path, file);
    });
  };
  return { take, leave };
}

/** A file without any write bit is meant to be read-only, also for root. */
const WRITABLE = 0o222;

/** Throws for a read-only file, because a rename would replace it without a check. */
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

/** Throws for another user's file: only root can keep its owner. */
function mustBeOurs({ uid }: Stats): void {
  const own = process.getuid?.();
  if (own === undefined || own === 0 || own === uid) return;
  const reason = `it belongs to user ${uid}, and the new file would belong to user ${own}`;
  throw new LivenessError('ERR_CONFIG', reason);
}

/**
 * Copies owner, group and then mode of the replaced file. An ACL is not copied, and a hard link keeps the old
 * text.
 */
async function copyRights(path: string, { mode, uid, gid }: Stats): Promise<void> {
  const hasGroup = await chown(path, uid, gid).then(
    () => true,
    // We are not in its group: another group must not get its rights.
    () => false,
  );
  await chmod(path, mode & (hasGroup ? 0o7777 : 0o7707));
}

const WRITE_IT = 'make it writable (chmod u+w), then run init again';

/** Turns an error of the disk into a sentence. */
async function mustWork(file: string, write: () => Promise<void>): Promise<void> {
  try {
    await write();
  } catch (cause) {
    throw usage(
      `init: ${file} cannot be written and is unchanged: ${messageOf(cause)}; make room or give the right to write, then run init again`,
    );
  }
}

async function mustBeGood(file: string, path: string, { before, added }: Plan): Promise<void> {
  if (before === '') {
    await loadApps(path);
    return;
  }
  if (await isOnlyAdded(file, path, added)) return;
  const what = { json: 'JSON', yaml: 'YAML', code: 'code' }[kindOf(file) ?? 'code'];
  throw new LivenessError('ERR_CONFIG', `its ${what} gives something else once this is added`);
}

/** Throws where the text of the file has changed; a missing file has an empty text. */
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
