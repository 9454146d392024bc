import { lstat, stat } from 'node:fs/promises';
import { basename, dirname } from 'node:path';
import type { LinuxProc } from './proc.ts';
import type { Program } from '../os-reader.ts';

/** The kernel adds this to the path of a program whose file was replaced while it runs. */
const DELETED = / \(deleted\)$/;

/** Group or others may write. */
const WRITABLE = 0o022;

/**
 * The program that a process runs, if it is one of `names`, and who can have put it there. This reads the
 * kernel's own link, because anybody can set a name, write a command line, or copy a program into a folder.
 * Null where we may not see it, and for a program of another file system (a container's) at any path.
 */
export async function programOf(
  proc: LinuxProc,
  pid: number,
  names: ReadonlySet<string>,
): Promise<Program | null> {
  const link = proc.link(`${pid}/exe`);
  const path = link?.replace(DELETED, '') ?? '';
  if (!path.startsWith('/') || !names.has(basename(path))) return null;
  try {
    const [running, there] = await Promise.all([stat(`${proc.root}/${pid}/exe`), lstat(path)]);
    const isThere = running.dev === there.dev && running.ino === there.ino;
    // An upgrade replaces the file, and only a user who may write there can do this.
    if (!isThere && !(DELETED.test(link ?? '') && isOfOurFiles(proc, pid))) return null;
    return { path, owners: await ownersOf(path) };
  } catch {
    return null;
  }
}

function isOfOurFiles(proc: LinuxProc, pid: number): boolean {
  const own = proc.link('self/ns/mnt');
  return own !== null && own === proc.link(`${pid}/ns/mnt`);
}

/** The owners of a file and of all folders above it; null where others may write to one of them. */
async function ownersOf(path: string): Promise<readonly number[] | null> {
  const owners = new Set<number>();
  for (let at = path; ; at = dirname(at)) {
    const { uid, mode } = await stat(at);
    if ((mode & WRITABLE) !== 0) return null;
    owners.add(uid);
    if (at === dirname(at)) return [...owners];
  }
}

/** A command line ends each word with a NUL; what npm writes over its own leaves more of them. */
export function wordsOf(bytes: Buffer | null): readonly string[] {
  const text = bytes?.toString('utf8', 0, 4_096) ?? '';
  const words = text.split('\0');
  while (words.at(-1) === '') words.pop();
  return words;
}
