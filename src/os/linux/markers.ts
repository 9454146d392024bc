import type { Markers } from '../os-reader.ts';

const KEYS = {
  pm2Home: 'PM2_HOME',
  name: 'name',
  pmId: 'pm_id',
  cwd: 'pm_cwd',
  uniqueId: 'unique_id',
} as const satisfies Record<keyof Markers, string>;

/**
 * PM2's variables in the bytes of /proc/PID/environ (the environment at the start of the process). Nothing
 * else becomes a string, and the bytes are overwritten, because an environment has secrets. A variable with
 * two different values proves nothing, and is null.
 */
export function markersOf(environ: Buffer): Markers {
  const markers = {
    pm2Home: valueIn(environ, KEYS.pm2Home),
    name: valueIn(environ, KEYS.name),
    pmId: valueIn(environ, KEYS.pmId),
    cwd: valueIn(environ, KEYS.cwd),
    uniqueId: valueIn(environ, KEYS.uniqueId),
  };
  environ.fill(0);
  return markers;
}

/** The value of a variable in such bytes; null where it has none or two. */
export function valueIn(environ: Buffer, key: string): string | null {
  const start = Buffer.from(`${key}=`);
  let found: string | null = null;
  // From match to match, not from entry to entry: a process may have a million entries.
  for (let at = environ.indexOf(start); at >= 0; at = environ.indexOf(start, at + start.length)) {
    if (at > 0 && environ[at - 1] !== 0) continue;
    const end = environ.indexOf(0, at);
    const value = environ.toString('utf8', at + start.length, end < 0 ? environ.length : end);
    if (found !== null && value !== found) return null;
    found = value;
  }
  return found;
}
