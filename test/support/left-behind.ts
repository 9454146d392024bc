import { readdir, readFile, readlink } from 'node:fs/promises';
import { join } from 'node:path';

/** The files of a folder with their texts, by name. */
export interface KeptFiles {
  readonly texts: ReadonlyMap<string, string>;
}

/** The regular files of a folder; sockets and the like, which live and die with a process, are none. */
export async function keptFiles(dir: string): Promise<KeptFiles> {
  const entries = (await readdir(dir, { withFileTypes: true })).filter((entry) => entry.isFile());
  const texts = entries.map(async ({ name }) => {
    return [name, await readFile(join(dir, name), 'utf8')] as const;
  });
  return { texts: new Map(await Promise.all(texts)) };
}

/**
 * The processes that work in a folder or below it, by pid, even if it has been removed since. Only
 * Linux says so.
 */
export async function processesIn(folder: string): Promise<readonly number[]> {
  const pids = (await readdir('/proc')).filter((name) => /^\d+$/.test(name));
  const found = pids.map(async (pid) => {
    // Gone since, or not ours.
    const cwd = await readlink(`/proc/${pid}/cwd`).catch(() => '');
    return `${cwd}/`.startsWith(`${folder}/`) ? [Number(pid)] : [];
  });
  return (await Promise.all(found)).flat();
}
