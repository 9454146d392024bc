import { readFile } from 'node:fs/promises';
import { runCommand } from '../run-command.ts';

/** The user and groups of a process. */
interface ProcessUser {
  /** The real ones, to which the process can always return. */
  readonly uid: number;
  readonly gid: number;
  readonly parentPid: number;
}

/** The user of a process; null where the pid does not exist or the user is not known. Never rejects. */
export async function userOfProcess(
  pid: number,
  platform: NodeJS.Platform = process.platform,
): Promise<ProcessUser | null> {
  if (!Number.isSafeInteger(pid) || pid <= 0 || platform === 'win32') return null;
  if (platform === 'linux') {
    // The kernel makes this file from its own tables, so the read never waits.
    return parseUser(await readFile(`/proc/${pid}/status`, 'utf8').catch(() => ''));
  }
  const words = ['-o', 'ruid=,rgid=,ppid=', '-p', String(pid)];
  const [uid, gid, parentPid] = ((await runCommand('ps', words)) ?? '').trim().split(/\s+/);
  return userOf(uid, gid, parentPid);
}

/** Reads /proc/PID/status. The name in it is escaped, so it cannot forge a line. */
function parseUser(text: string): ProcessUser | null {
  const [uid, gid, parentPid] = [/^Uid:\s*(\d+)/m, /^Gid:\s*(\d+)/m, /^PPid:\s*(\d+)/m].map(
    (pattern) => pattern.exec(text)?.[1],
  );
  return userOf(uid, gid, parentPid);
}

function userOf(
  uid: string | undefined,
  gid: string | undefined,
  parentPid: string | undefined,
): ProcessUser | null {
  const isNumber = (text: string | undefined): text is string => /^\d+$/.test(text ?? '');
  if (!isNumber(uid) || !isNumber(gid) || !isNumber(parentPid)) return null;
  return { uid: Number(uid), gid: Number(gid), parentPid: Number(parentPid) };
}
