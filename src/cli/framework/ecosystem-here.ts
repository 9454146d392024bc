import { existsSync, statSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { basename, dirname, join, parse, resolve } from 'node:path';
import { isRecord } from '../../config/bad-value.ts';
import { ownUid } from '../../os/users/user.ts';
import { findFile } from '../init/find-file.ts';
import type { StaticApp } from '../init/edit/static-apps.ts';
import { loadApps } from '../init/load-config.ts';
import { shellWord } from '../../text/shell-word.ts';
import { appWord, onlyWords } from './pm2-words.ts';

/** An app as an ecosystem file has it. */
interface WrittenApp {
  readonly name: string;
  /** Absolute. */
  readonly cwd: string;
  /** Its `env_liveness`; undefined where it has none. */
  readonly block: unknown;
}

/** What is read here; YAML and ES modules are not. */
const EDITABLE = /\.c?js$|\.json$/;

/** The ecosystem file of a folder. */
export interface WrittenFile {
  /** Its name in the folder. */
  readonly name: string;
  readonly apps: readonly WrittenApp[];
}

/**
 * What the ecosystem file of a folder says now; null where there is none, or none that may be loaded: a
 * file of another user's is not run as us. Never throws.
 */
export async function ecosystemIn(dir: string): Promise<WrittenFile | null> {
  try {
    const file = findFile(dir, undefined);
    if (!EDITABLE.test(file) || !existsSync(file) || !isOurs(file)) return null;
    const apps = await loadApps(file);
    return { name: basename(file), apps: apps.flatMap((app) => writtenApp(app, dirname(file))) };
  } catch {
    return null;
  }
}

/** The apps of which a block is in force that the file, which has them, has no more. */
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

/** The command that takes a block out of PM2: nothing less does. */
export function dropBlockCommand(app: string, file: string): string {
  return `pm2 delete ${appWord(app)} && ${startCommand(app, file)}`;
}

/** The command that starts (or restarts) one app of a file as the file has it now. */
export function startCommand(app: string, file: string, verb = 'start'): string {
  return [`pm2 ${verb}`, shellWord(file), onlyWords(app) ?? []].flat().join(' ');
}

/** Who is watched, by name; with `isAll` nobody else is. */
export interface Watched {
  readonly names: readonly string[];
  readonly isAll: boolean;
}

/**
 * How the ecosystem file of a folder differs from what is watched, a line for each app: only what its text
 * shows for certain, for no code of the user's is run for this. Never throws.
 */
export async function fileDifferences(dir: string, watched: Watched): Promise<string[]> {
  const names = [...new Set(watched.names)];
  const written = await writtenIn(dir).catch(() => null);
  if (written === null) return [];
  const { file, apps } = written;
  const removed = names.filter((name) => {
    const entries = apps.filter((app) => app.name === name);
    return entries.length > 0 && entries.every(({ hasBlock }) => !hasBlock);
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
/** No person writes a longer one. */
const MOST_BYTES = 1024 * 1024;

/** What the text of a folder's ecosystem file says of its apps; null where that is not certain. */
async function writtenIn(
  dir: string,
): Promise<{ readonly file: string; readonly apps: readonly StaticApp[] } | null> {
  const path = findFile(dir, undefined);
  const found = statSync(path, { throwIfNoEntry: false });
  if (!EDITABLE.test(path) || !found?.isFile() || found.size > MOST_BYTES) return null;
  const text = await readFile(path, 'utf8');
  // Only here: where there is no file, nobody waits for the parser to load.
  const { staticAppsOf } = await import('../init/edit/static-apps.ts');
  const apps = staticAppsOf(text, path.endsWith('.json'));
  return apps && { file: basename(path), apps };
}

function writtenApp(app: unknown, dir: string): WrittenApp[] {
  if (!isRecord(app)) return [];
  const { name, script, cwd } = app;
  // As PM2 calls an app without a name.
  const known = name ?? (typeof script === 'string' ? parse(script).name : undefined);
  if (typeof known !== 'string' && typeof known !== 'number') return [];
  const folder = resolve(dir, typeof cwd === 'string' ? cwd : '');
  return [{ name: String(known), cwd: folder, block: app['env_liveness'] }];
}

/** True for a file that nobody but we, or root, could have written. */
function isOurs(file: string): boolean {
  const uid = ownUid();
  if (uid === null) return true;
  return [file, join(file, '..')].every((path) => {
    const { uid: owner, mode } = statSync(path);
    const isForAll = (mode & 0o002) !== 0 && (mode & 0o1000) === 0;
    return (owner === uid || owner === 0) && !isForAll;
  });
}
