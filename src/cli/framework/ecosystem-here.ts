import { existsSync, statSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { basename, dirname, join, parse, resolve } from 'node:path';
import { isRecord } from '../../config/bad-value.ts';
import { ownUid } from '../../os/users/user.ts';
import { findFile } from '../init/find-file.ts';
import { loadApps } from '../init/load-config.ts';

/** An app as an ecosystem file has it. */
export interface WrittenApp {
  readonly name: string;
  /** Absolute. */
  readonly cwd: string;
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
 * What the ecosystem file of a folder says now; null where there is none, or none that may be loaded: a
 * file of another user's is not run as us. Never throws.
 */
export async function ecosystemIn(dir: string): Promise<WrittenFile | null> {
  try {
    const file = findFile(dir, undefined);
    if (!/\.c?js$|\.json$/.test(file) || !existsSync(file) || !isOurs(file)) return null;
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

/** What takes a block out of PM2: nothing less does. */
export function dropBlockCommand(app: string, file: string): string {
  const name = /^[\w.@-]+$/.test(app) ? app : `'${app.replaceAll("'", `'\\''`)}'`;
  // PM2 takes the word for all apps, and an expression for the one that is called so.
  const deleted = app === 'all' ? "'/^all$/'" : name;
  return `pm2 delete ${deleted} && pm2 start ${file} --only ${name}`;
}

/**
 * What is said of blocks that are in force and no longer in the file of a folder; nothing as a rule,
 * and then the file is not even loaded.
 */
export async function removedBlockLines(
  dir: string,
  watched: readonly string[],
): Promise<string[]> {
  const names = [...new Set(watched)];
  if (names.length === 0 || (await blocksWritten(dir)) >= names.length) return [];
  const file = await ecosystemIn(dir);
  if (file === null) return [];
  return findRemovedBlocks(
    file,
    names.map((name) => ({ name })),
  ).map(
    (name) =>
      `${name}: ${file.name} has no env_liveness for it any more; PM2 keeps the old one in force until: ${dropBlockCommand(name, file.name)}`,
  );
}

/** How often a folder's file speaks of a block, commented out or not counted alike; Infinity for no file. */
async function blocksWritten(dir: string): Promise<number> {
  try {
    const text = await readFile(findFile(dir, undefined), 'utf8');
    const isCommented = /\/\/.*env_liveness|\/\*[\s\S]*?env_liveness[\s\S]*?\*\//.test(text);
    return isCommented ? 0 : text.split('env_liveness').length - 1;
  } catch {
    return Number.POSITIVE_INFINITY;
  }
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
