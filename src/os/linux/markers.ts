import type { Markers } from '../os-reader.ts';

const KEYS = {
  pm2Home: 'PM2_HOME',
  name: 'name',
  pmId: 'pm_id',
  cwd: 'pm_cwd',
  uniqueId: 'unique_id',
} as const satisfies Record<keyof Markers, string>;

/**
 * PM2's variables out of /proc/PID/environ (what the process was started with). Nothing else becomes
 * a string, and the bytes are wiped: an environment is full of secrets. A variable that is there
 * twice with two values proves nothing, and is null.
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

/** The one value of a variable in such bytes; null where it has none, or two. */
export function valueIn(environ: Buffer, key: string): string | null {
  const start = Buffer.from(`${key}=`);
  let found: string | null = null;
  // From hit to hit and not from entry to entry: a process may fill its environment with a million.
  for (let at = environ.indexOf(start); at >= 0; at = environ.indexOf(start, at + start.length)) {
    if (at > 0 && environ[at - 1] !== 0) continue;
    const end = environ.indexOf(0, at);
    const value = environ.toString('utf8', at + start.length, end < 0 ? environ.length : end);
    if (found !== null && value !== found) return null;
    found = value;
  }
  return found;
}
