import { existsSync, statSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { dirname, join, parse, relative, resolve } from 'node:path';
import { isRecord } from '../../config/bad-value.ts';
import { ownUid } from '../../os/users/user.ts';
import { kindOf } from '../init/edit/file-kind.ts';
import { findFile } from '../init/find-file.ts';
import type { StaticApp } from '../init/edit/static-apps.ts';
import { loadApps } from '../init/load-config.ts';
import { shellWord } from '../../text/shell-word.ts';
import { appWord, onlyWords } from './pm2-words.ts';

/** An app in an ecosystem file. */
export interface WrittenApp {
  readonly name: string;
  /** Absolute. */
  readonly cwd: string;
  /** The path of its script, absolute; null where it has none. A command such as `npm` is there too. */
  readonly program: string | null;
  /** Its `env_liveness`; undefined where it has none. */
  readonly block: unknown;
}

/** The ecosystem file of a folder. */
export interface WrittenFile {
  /** Its name in the folder. */
  readonly name: string;
  readonly apps: readonly WrittenApp[];
}

/**
 * The present contents of a folder's ecosystem file; null where there is none or it may not be loaded: a file
 * of another user is not run as our user. Never throws.
 */
export async function ecosystemIn(dir: string): Promise<WrittenFile | null> {
  try {
    const file = findFile(dir, undefined);
    if (!existsSync(file) || !isOurs(file)) return null;
    const apps = await loadApps(file);
    return {
      name: relative(dir, file),
      apps: apps.flatMap((app) => writtenApp(app, dir)),
    };
  } catch {
    return null;
  }
}

/** The apps of the file whose block is still in force, but no longer in the file. */
export function findRemovedBlocks(
  { apps }: WrittenFile,
  inForce: readonly { readonly name: string; readonly cwd?: string }[],
): readonly string[] {
  const left = inForce.filter(({ name, cwd }) => {
    const written = apps.filter(
      (app) => app.name === name && (cwd === undefined || app.cwd === resolve(cwd)),
    );
    return written.length > 0 && written.every(({ block }) => block === undefined);
  });
  return [...new Set(left.map(({ name }) => name))];
}

/** The command that removes a block from PM2; no smaller step does. */
export function dropBlockCommand(app: string, file: string): string {
  return `pm2 delete ${appWord(app)} && ${startCommand(app, file)}`;
}

/** The command that starts (or restarts) one app with the present file. */
export function startCommand(app: string, file: string, verb = 'start'): string {
  return [`pm2 ${verb}`, shellWord(file), onlyWords(app) ?? []].flat().join(' ');
}

/** The watched apps, by name; with `isAll` these are all of them. */
interface Watched {
  readonly names: readonly string[];
  /** Those of them whose block PM2 does not have; absent where none. */
  readonly byWatch?: readonly string[];
  readonly isAll: boolean;
}

/**
 * How the ecosystem file of a folder differs from the watched apps, one line per app. Only what its text
 * surely shows, because no code of the user is run here. Never throws.
 */
export async function fileDifferences(dir: string, watched: Watched): Promise<string[]> {
  const names = [...new Set(watched.names)];
  const written = await writtenIn(dir).catch(() => null);
  if (written === null) return [];
  const { file, apps } = written;
  const removed = names.filter((name) => {
    const entries = apps.filter((app) => app.name === name);
    const isLeft = entries.length > 0 && entries.every(({ hasBlock }) => !hasBlock);
    return isLeft && !(watched.byWatch ?? []).includes(name);
  });
  const added = apps.filter(
    ({ name, hasBlock }) => watched.isAll && hasBlock && name !== MONITOR && !names.includes(name),
  );
  return [
    ...removed.map(
      (name) =>
        `${name}: ${file} has no env_liveness for it any more; PM2 keeps the old one in force until: ${dropBlockCommand(name, file)}`,
    ),
    ...[...new Set(added.map(({ name }) => name))].map(
      (name) =>
        `${name}: ${file} has env_liveness for it, but it is not watched; to start it: ${startCommand(name, file)}`,
    ),
  ];
}

/** The monitor, which never watches itself. */
const MONITOR = 'pm2-liveness';
/** A longer file is not read. */
const MOST_BYTES = 1024 * 1024;

/** The apps in the text of a folder's ecosystem file; null where they are not certain. */
async function writtenIn(
  dir: string,
): Promise<{ readonly file: string; readonly apps: readonly StaticApp[] } | null> {
  const path = findFile(dir, undefined);
  const found = statSync(path, { throwIfNoEntry: false });
  if (!found?.isFile() || found.size > MOST_BYTES) return null;
  const file = relative(dir, path);
  const kind = kindOf(path);
  if (kind === 'yaml') return { file, apps: await yamlApps(path) };
  const text = await readFile(path, 'utf8');
  // Loaded only here, so that without a file nothing waits for the parser.
  const { staticAppsOf } = await import('../init/edit/static-apps.ts');
  const apps = staticAppsOf(text, kind === 'json');
  return apps && { file, apps };
}

/** The apps of a YAML file, which has no code: PM2's reader reads it, in a process of its own. */
async function yamlApps(path: string): Promise<readonly StaticApp[]> {
  const apps = await loadApps(path);
  return apps
    .flatMap((app) => writtenApp(app, dirname(path)))
    .map(({ name, block }) => ({ name, hasBlock: block !== undefined }));
}

function writtenApp(app: unknown, dir: string): WrittenApp[] {
  if (!isRecord(app)) return [];
  const { name, script, cwd } = app;
  // PM2's name for an app without one.
  const known = name ?? (typeof script === 'string' ? parse(script).name : undefined);
  if (typeof known !== 'string' && typeof known !== 'number') return [];
  const folder = resolve(dir, typeof cwd === 'string' ? cwd : '');
  const program = typeof script === 'string' ? resolve(folder, script) : null;
  return [{ name: String(known), cwd: folder, program, block: app['env_liveness'] }];
}

/** True for a file that only we or root could have written. */
function isOurs(file: string): boolean {
  const uid = ownUid();
  if (uid === null) return true;
  return [file, join(file, '..')].every((path) => {
    const { uid: owner, mode } = statSync(path);
    const isForAll = (mode & 0o002) !== 0 && (mode & 0o1000) === 0;
    return (owner === uid || owner === 0) && !isForAll;
  });
}
