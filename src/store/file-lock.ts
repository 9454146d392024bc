import { constants, existsSync } from 'node:fs';
import { codeOf, LivenessError } from '../errors.ts';
import { systemClock } from '../time/clock.ts';
import type { Files } from './files.ts';

/** How long another process may keep the lock. */
const WAIT_MS = 10_000;
const LOOK_AGAIN_MS = 50;
/** The work takes some milliseconds: an older lock was left, also where its pid belongs to another program now. */
const LEFT_AFTER_MS = 60_000;
/** A younger one may be of a process in another container, whose pid is not shown here. */
const SURE_AFTER_MS = 1_000;
/** A pid has at most this many bytes. */
const MOST_BYTES = 32;

/**
 * Runs `work` while no other process does: `lock` is a file with our pid. The lock of a process that was killed is
 * taken away. Throws ERR_STORE, with the words `what`, where another process keeps it for 10 s.
 */
export async function withFileLock(
  lock: string,
  what: string,
  files: Files,
  work: () => Promise<void>,
): Promise<void> {
  const until = systemClock.now() + WAIT_MS;
  while (!(await isTaken(lock, files))) {
    const left = await leftLock(lock, files);
    if (left !== null) await removeLeft(lock, left, files);
    else if (systemClock.now() >= until) {
      throw new LivenessError('ERR_STORE', `${lock}: ${what}; if none runs, remove this file`);
    } else await systemClock.sleep(LOOK_AGAIN_MS);
  }
  try {
    await work();
  } finally {
    await files.unlink(lock).catch(() => undefined);
  }
}

/** True where the lock is ours now; false where another process has it. */
async function isTaken(lock: string, files: Files): Promise<boolean> {
  try {
    const file = await files.open(lock, 'wx', 0o600);
    try {
      await file.writeFile(String(process.pid));
    } finally {
      await file.close();
    }
    return true;
  } catch (error) {
    if (codeOf(error) === 'EEXIST') return false;
    throw error;
  }
}

/** The inode of a lock whose process is gone, or that is too old; null for any other, and where there is none. */
async function leftLock(lock: string, files: Files): Promise<number | null> {
  const file = await files
    .open(lock, constants.O_RDONLY | (constants.O_NOFOLLOW ?? 0) | (constants.O_NONBLOCK ?? 0))
    .catch(() => null);
  if (file === null) return null;
  try {
    const { ino, mtimeMs } = await file.stat();
    const { buffer, bytesRead } = await file.read(Buffer.alloc(MOST_BYTES), 0, MOST_BYTES, 0);
    const pid = Number(buffer.toString('latin1', 0, bytesRead));
    const ageMs = systemClock.wall() - mtimeMs;
    const isKilled = ageMs > SURE_AFTER_MS && Number.isInteger(pid) && pid > 0 && isGone(pid);
    return isKilled || ageMs > LEFT_AFTER_MS ? ino : null;
  } finally {
    await file.close();
  }
}

/** True where Linux shows no such process; elsewhere only the age of the lock says that it was left. */
function isGone(pid: number): boolean {
  return existsSync('/proc/self') && !existsSync(`/proc/${pid}`);
}

/** Takes a lock away by its inode: under the same name there may be another one by now, which is put back. */
async function removeLeft(lock: string, inode: number, files: Files): Promise<void> {
  const aside = `${lock}.${process.pid}.tmp`;
  try {
    await files.rename(lock, aside);
    if ((await files.stat(aside)).ino === inode) await files.unlink(aside);
    else await files.rename(aside, lock);
  } catch {
    // Another process was first.
  }
}
