import { lstatSync, readdirSync, readFileSync } from 'node:fs';
import { basename, join, resolve } from 'node:path';
import { isRecord } from '../../config/bad-value.ts';
import { usage } from '../framework/parse-arguments.ts';
import { kindOf } from './edit/file-kind.ts';

/** The names that PM2's own documents, and many projects, have for ecosystem files: `pm2.json`, `ecosystem.dev.config.js`. */
const NAME =
  /^(?:ecosystem|process(?:es)?|pm2)(?:[._-][\w-]+)*?(?:\.config\.[cm]?js|\.json5?|\.ya?ml)$/;

/** Files that are meant for PM2, and that it starts as a script instead. */
const UNREAD = /^(?:ecosystem|pm2)(?:\.[\w-]+)*\.config\.[cm]?ts$|^ecosystem\.[cm]?[jt]s$/;

/** A longer package.json is not read. */
const MOST_BYTES = 1024 * 1024;

/**
 * The file to edit or start: the named one, the existing one, or the one to create. Throws ERR_USAGE, which names
 * the command, where there are several, and where PM2 would not read it as an ecosystem file.
 */
export function findFile(dir: string, named: string | undefined, command = 'init'): string {
  if (named !== undefined) {
    if (kindOf(named) !== null) return resolve(dir, named);
    throw usage(
      `${command}: PM2 does not read '${named}' as an ecosystem file; ${adviceFor(basename(named))}`,
    );
  }
  // Links are not followed: a dead link is found too, and reported.
  const names = namesIn(dir);
  const found = names.filter((name) => NAME.test(name));
  const [only = startedIn(dir)] = found;
  if (found.length > 1) {
    throw usage(
      `${command}: there are ${found.join(' and ')}; write the name of the right one after ${command}`,
    );
  }
  const unread = names.find((name) => UNREAD.test(name));
  if (only === undefined && unread !== undefined) {
    throw usage(
      `${command}: PM2 does not read ${unread}, it would start it as a script; ${adviceFor(unread)}, then run ${command} again`,
    );
  }
  return join(dir, only ?? 'ecosystem.config.cjs');
}

/** What to do with a file that PM2 takes for a script. */
function adviceFor(name: string): string {
  if (/\.[cm]?ts$/.test(name)) {
    return 'write what it exports into ecosystem.config.cjs, as module.exports = { apps: [ … ] }';
  }
  return UNREAD.test(name)
    ? `rename it to ${name.replace(/\.([cm]?js)$/, '.config.$1')}`
    : 'write a name like ecosystem.config.cjs';
}

/** The file that a script of package.json gives to PM2: `pm2 start deploy/web.json`. */
function startedIn(dir: string): string | undefined {
  const path = join(dir, 'package.json');
  const isRead = (lstatSync(path, { throwIfNoEntry: false })?.size ?? Infinity) <= MOST_BYTES;
  const scripts = isRead ? scriptsOf(readFileSync(path, 'utf8')) : [];
  const words = scripts
    .filter((line) => /\bpm2(?:-runtime|-dev)?\s/.test(line))
    .flatMap((line) => line.split(/[\s"'&|;]+/))
    .filter((word) => !word.startsWith('-') && kindOf(word) !== null);
  const there = new Set(
    words.filter((word) => lstatSync(resolve(dir, word), { throwIfNoEntry: false })?.isFile()),
  );
  return there.size === 1 ? [...there][0] : undefined;
}

function scriptsOf(text: string): readonly string[] {
  try {
    const manifest: unknown = JSON.parse(text);
    const scripts = isRecord(manifest) ? manifest['scripts'] : null;
    return isRecord(scripts)
      ? Object.values(scripts).filter((each) => typeof each === 'string')
      : [];
  } catch {
    return []; // who reads package.json for more reports it
  }
}

function namesIn(dir: string): readonly string[] {
  try {
    return readdirSync(dir).sort();
  } catch {
    return []; // the folder is missing, which the reader of the file reports
  }
}
