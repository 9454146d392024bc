import { lstatSync } from 'node:fs';
import { basename, join, resolve } from 'node:path';
import { usage } from '../framework/parse-arguments.ts';

/** What PM2 takes for an ecosystem file, the usual name first. */
const NAMES = ['.config.cjs', '.config.js', '.config.mjs', '.json', '.yml', '.yaml'].map(
  (end) => `ecosystem${end}`,
);

/**
 * The file that is meant: the one that was named, the one that is there, or the one that is to be.
 * Throws ERR_USAGE where several are there, and where PM2 would not take it for one.
 */
export function findFile(dir: string, named: string | undefined): string {
  if (named !== undefined) {
    if (/\.config\.[cm]?js$|\.json$|\.ya?ml$/.test(basename(named))) return resolve(dir, named);
    throw usage(
      `init: PM2 does not take '${named}' for an ecosystem file; write a name like ecosystem.config.cjs`,
    );
  }
  // Not what it leads to: a link into nowhere is the file that is meant, and is told of.
  const found = NAMES.filter((name) => lstatSync(join(dir, name), { throwIfNoEntry: false }));
  if (found.length > 1) {
    throw usage(`init: there are ${found.join(' and ')}; write the one that is meant after init`);
  }
  return join(dir, found[0] ?? 'ecosystem.config.cjs');
}
