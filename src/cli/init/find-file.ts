import { lstatSync } from 'node:fs';
import { basename, join, resolve } from 'node:path';
import { usage } from '../framework/parse-arguments.ts';

/** The names of ecosystem files in PM2, the usual one first. */
const NAMES = ['.config.cjs', '.config.js', '.config.mjs', '.json', '.yml', '.yaml'].map(
  (end) => `ecosystem${end}`,
);

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
  if (found.length > 1) {
    throw usage(
      `init: there are ${found.join(' and ')}; write the name of the right one after init`,
    );
  }
  return join(dir, found[0] ?? 'ecosystem.config.cjs');
}
