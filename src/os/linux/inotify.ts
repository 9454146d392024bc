import { readdir, readFile, readlink } from 'node:fs/promises';
import { join } from 'node:path';

/** How much of Linux's limits on file watchers this user has used. */
export interface InotifyUse {
  readonly watches: Use;
  readonly instances: Use;
}

/** The used number, and its limit. */
export interface Use {
  readonly used: number;
  readonly limit: number;
}

/**
 * The limits, and what the processes of `uid` that we can see use of them; null where the system has none
 * (macOS, Windows). Never throws.
 */
export async function readInotifyUse(uid: number, proc = '/proc'): Promise<InotifyUse | null> {
  const limits = join(proc, 'sys/fs/inotify');
  const [watches, instances] = await Promise.all([
    numberIn(join(limits, 'max_user_watches')),
    numberIn(join(limits, 'max_user_instances')),
  ]);
  if (watches === null || instances === null) return null;
  const pids = (await readdir(proc).catch(() => [])).filter((name) => /^\d+$/.test(name));
  const seen = await Promise.all(pids.map((pid) => watchesOf(join(proc, pid), uid)));
  const all = seen.flat();
  return {
    watches: { used: all.reduce((sum, count) => sum + count, 0), limit: watches },
    instances: { used: all.length, limit: instances },
  };
}

/** The number of watches of each inotify instance of a process; empty for a process of another user. */
async function watchesOf(folder: string, uid: number): Promise<readonly number[]> {
  const status = await readFile(join(folder, 'status'), 'utf8').catch(() => '');
  if (Number(/^Uid:\s+(\d+)/m.exec(status)?.[1] ?? Number.NaN) !== uid) return [];
  const names = await readdir(join(folder, 'fd')).catch(() => []);
  const counts = await Promise.all(
    names.map(async (name) => {
      const target = await readlink(join(folder, 'fd', name)).catch(() => '');
      if (target !== 'anon_inode:inotify') return [];
      const info = await readFile(join(folder, 'fdinfo', name), 'utf8').catch(() => '');
      return [[...info.matchAll(/^inotify /gm)].length];
    }),
  );
  return counts.flat();
}

async function numberIn(file: string): Promise<number | null> {
  const text = await readFile(file, 'utf8').catch(() => '');
  return /^\d+\s*$/.test(text) ? Number(text) : null;
}
