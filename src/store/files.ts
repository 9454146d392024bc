import { chmod, lstat, mkdir, open, readdir, rename, unlink } from 'node:fs/promises';
import { dirname, join } from 'node:path';

/** The part of node:fs/promises that the store uses, so that a test can let it fail. */
export interface Files {
  readonly chmod: typeof chmod;
  readonly lstat: typeof lstat;
  readonly mkdir: typeof mkdir;
  readonly open: typeof open;
  readonly readdir: typeof readdir;
  readonly rename: typeof rename;
  readonly unlink: typeof unlink;
}

/** The real file system. */
export const systemFiles: Files = { chmod, lstat, mkdir, open, readdir, rename, unlink };

/** Makes the folder, or narrows it to its owner. */
export async function ensureFolder(dir: string, files: Files): Promise<void> {
  await files.mkdir(dir, { recursive: true, mode: 0o700 });
  const { mode } = await files.lstat(dir);
  if ((mode & 0o077) !== 0) await files.chmod(dir, 0o700);
}

/**
 * Replaces a file as a whole: whoever reads, whenever we are killed and wherever the power goes,
 * finds the old text or the new one. Readable to its owner alone.
 */
export async function replaceFile(path: string, text: string, files: Files): Promise<void> {
  const unfinished = `${path}.${process.pid}.tmp`;
  // Not over what is there: a name that leads elsewhere would be followed.
  await files.unlink(unfinished).catch(() => undefined);
  try {
    await writeSynced(unfinished, text, files);
    await files.rename(unfinished, path);
  } catch (error) {
    // A full disk should not hold half a file as well.
    await files.unlink(unfinished).catch(() => undefined);
    throw error;
  }
  await syncFolder(dirname(path), files);
}

async function writeSynced(path: string, text: string, files: Files): Promise<void> {
  const file = await files.open(path, 'wx', 0o600);
  try {
    await file.writeFile(text);
    // Without it a power cut can leave the new name on an empty file (ext4, XFS).
    await file.sync();
  } finally {
    await file.close();
  }
}

/** Removes what writers left that were killed; the name of ours is not among them. Never throws. */
export async function removeUnfinished(dir: string, name: string, files: Files): Promise<void> {
  const names = await files.readdir(dir).catch((): string[] => []);
  const left = names.filter((file) => file.startsWith(`${name}.`) && /\.\d+\.tmp$/.test(file));
  await Promise.all(left.map((file) => files.unlink(join(dir, file)).catch(() => undefined)));
}

/** Makes the new name last; Windows cannot, and loses nothing but the last save. */
async function syncFolder(dir: string, files: Files): Promise<void> {
  const folder = await files.open(dir, 'r').catch(() => null);
  try {
    await folder?.sync();
  } catch {
    // A file system that cannot sync a folder has nothing to make last.
  } finally {
    await folder?.close();
  }
}
