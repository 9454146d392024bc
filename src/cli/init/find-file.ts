import { lstatSync } from 'node:fs';
import { basename, join, resolve } from 'node:path';
import { usage } from '../framework/parse-arguments.ts';

/** What ends the names of files that PM2 reads as ecosystem files (its Common.js), the usual one first. */
const ENDS = ['.config.cjs', '.config.js', '.config.mjs', '.json', '.yml', '.yaml'];

/** The names that PM2's own documents have for ecosystem files. */
const NAMES = [
  ...ENDS.map((end) => `ecosystem${end}`),
  'process.json',
  'process.yml',
  ...ENDS.slice(0, 3).map((end) => `pm2${end}`),
];

/** Files that are meant for PM2, and that it starts as a script instead. */
const UNREAD = ['ecosystem.config.ts', 'ecosystem.config.mts', 'ecosystem.config.cts'];

/**
 * The file to edit: the named one, the existing one, or the one to create. Throws ERR_USAGE where there are
 * several, and where PM2 would not read it as an ecosystem file.
 */
export function findFile(dir: string, named: string | undefined): string {
  if (named !== undefined) {
    if (/\.config\.[cm]?js$|\.json$|\.ya?ml$/.test(basename(named))) return resolve(dir, named);
    throw usage(
      `init: PM2 does not read '${named}' as an ecosystem file; write a name like ecosystem.config.cjs`,
    );
  }
  // Links are not followed: a dead link is found too, and reported.
  const found = NAMES.filter((name) => lstatSync(join(dir, name), { throwIfNoEntry: false }));
  const [unread] = UNREAD.filter((name) => lstatSync(join(dir, name), { throwIfNoEntry: false }));
  if (found.length === 0 && unread !== undefined) {
    throw usage(
      `init: PM2 does not read ${unread}, it would start it as a script; write what it exports into ecosystem.config.cjs, as module.exports = { apps: [ … ] }, then run init again`,
    );
  }
  if (found.length > 1) {
    throw usage(
      `init: there are ${found.join(' and ')}; write the name of the right one after init`,
    );
  }
  return join(dir, found[0] ?? 'ecosystem.config.cjs');
}
