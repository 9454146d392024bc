import { readdir, readFile, readlink } from 'node:fs/promises';
import { join } from 'node:path';

/** A file that is being written: it has its own name in a moment. */
const UNFINISHED = /\.\d+\.tmp$/;

/**
 * The texts of a folder's regular files by their names, without sockets and other files that exist only while
 * a process runs, or while it writes.
 */
export async function textsIn(dir: string): Promise<ReadonlyMap<string, string>> {
  const entries = (await readdir(dir, { withFileTypes: true })).filter(
    (entry) => entry.isFile() && !UNFINISHED.test(entry.name),
  );
  const texts = entries.map(async ({ name }) => {
    return [name, await readFile(join(dir, name), 'utf8')] as const;
  });
  return new Map(await Promise.all(texts));
}

/**
 * The pids of processes that work in a folder or below it, even if it has been removed since. Only on Linux.
 */
export async function processesIn(folder: string): Promise<readonly number[]> {
  const pids = (await readdir('/proc')).filter((name) => /^\d+$/.test(name));
  const found = pids.map(async (pid) => {
    // The process is gone, or not ours.
    const cwd = await readlink(`/proc/${pid}/cwd`).catch(() => '');
    return `${cwd}/`.startsWith(`${folder}/`) ? [Number(pid)] : [];
  });
  return (await Promise.all(found)).flat();
}
