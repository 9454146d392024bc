import { open, readFile, rename, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { codeOf } from '../errors.ts';
import { isMonitor } from './monitor-process.ts';

/** PM2 writes some 5 KB for each app. */
const MOST_BYTES = 32 * 1_048_576;

/**
 * Takes the monitors out of the list from which PM2 starts its apps at boot, and leaves the rest as it is: a monitor
 * whose package is gone would be started again and again without end. With `program` only those that run it. Returns how many were taken out. Rejects where the
 * list cannot be read or written.
 */
export async function forgetSavedMonitors(pm2Home: string, program?: string): Promise<number> {
  const file = join(pm2Home, 'dump.pm2');
  const entries = await readEntries(file);
  const kept = entries.filter((entry) => !isSavedMonitor(entry, program));
  if (kept.length < entries.length) await replace(file, JSON.stringify(kept, null, 2));
  return entries.length - kept.length;
}

/** How many monitors PM2 would start at boot. Rejects where the list cannot be read. */
export async function countSavedMonitors(pm2Home: string): Promise<number> {
  return (await readEntries(join(pm2Home, 'dump.pm2'))).filter((entry) => isSavedMonitor(entry))
    .length;
}

/** How many apps PM2 would start at boot; 0 where the list cannot be read. Never rejects. */
export async function countSaved(pm2Home: string): Promise<number> {
  const entries = await readEntries(join(pm2Home, 'dump.pm2')).catch(() => []);
  return entries.length;
}

/**
 * The environment of the first monitor in the saved list, as PM2 would start it; null where it has none. It has
 * secrets. Never rejects.
 */
export async function savedMonitorEnv(
  pm2Home: string,
): Promise<Readonly<Record<string, unknown>> | null> {
  const entries = await readEntries(join(pm2Home, 'dump.pm2')).catch(() => []);
  const found = entries.find((entry) => isSavedMonitor(entry));
  return typeof found === 'object' && found !== null ? { ...found } : null;
}

/** The entries of the list; none where there is none, or where PM2 itself could not read it. */
async function readEntries(file: string): Promise<readonly unknown[]> {
  try {
    if ((await stat(file)).size > MOST_BYTES) return [];
    const list: unknown = JSON.parse(await readFile(file, 'utf8'));
    return Array.isArray(list) ? list : [];
  } catch (error) {
    if (codeOf(error) === 'ENOENT' || error instanceof SyntaxError) return [];
    throw error;
  }
}

function isSavedMonitor(entry: unknown, wanted?: string): boolean {
  if (typeof entry !== 'object' || entry === null) return false;
  const { name, pm_exec_path: program }: { name?: unknown; pm_exec_path?: unknown } = entry;
  return isMonitor({ name, program }) && (wanted === undefined || program === wanted);
}

/** Replaces the file in one step, with its own mode: PM2 may read it at any moment. */
async function replace(file: string, text: string): Promise<void> {
  const { mode } = await stat(file);
  const unfinished = `${file}.${process.pid}.tmp`;
  await rm(unfinished, { force: true });
  try {
    const handle = await open(unfinished, 'wx', mode & 0o777);
    try {
      await handle.writeFile(text);
      await handle.sync();
    } finally {
      await handle.close();
    }
    await rename(unfinished, file);
  } catch (error) {
    await rm(unfinished, { force: true });
    throw error;
  }
}
