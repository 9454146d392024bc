import { mkdir, readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { dataDir } from '../../config/data-dir.ts';

/** The newest are kept, over all apps: each may have gigabytes. */
const MOST_FILES = 3;

/** A name of ours begins with the time, so that names sort by age. */
const NAME = /^\d{8}T\d{6}Z-[\w.-]{1,60}-\d+\.heapsnapshot(?<part>\.part)?$/;

/** The folder with the heap snapshots of a PM2_HOME's apps. */
export function snapshotDir(pm2Home: string): string {
  return join(dataDir(pm2Home), 'heap');
}

/**
 * The path for the next snapshot of an app, in a private folder; removes the oldest ones, and what was left half
 * written. `wallMs` is the time of day in its name. Rejects where the folder cannot be made.
 */
export async function nextSnapshotFile(
  pm2Home: string,
  { name, pid }: { readonly name: string; readonly pid: number },
  wallMs: number,
): Promise<string> {
  const dir = snapshotDir(pm2Home);
  await mkdir(dir, { recursive: true, mode: 0o700 });
  const own = (await readdir(dir)).filter((each) => NAME.test(each)).toSorted();
  const whole = own.filter((each) => !each.endsWith('.part'));
  const over = whole.slice(0, Math.max(0, whole.length - MOST_FILES + 1));
  const parts = own.filter((each) => each.endsWith('.part'));
  for (const each of [...over, ...parts]) await rm(join(dir, each), { force: true });
  const time = new Date(wallMs)
    .toISOString()
    .replace(/\.\d+Z$/, 'Z')
    .replaceAll(/[-:]/g, '');
  const safe = name.replaceAll(/[^\w.-]/g, '_').slice(0, 60);
  return join(dir, `${time}-${safe}-${pid}.heapsnapshot`);
}
