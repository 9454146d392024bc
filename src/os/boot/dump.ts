import { readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { codeOf } from '../../errors.ts';
import { obstaclesOf, obstaclesText } from '../obstacles.ts';
import type { SavedList, Unstartable } from './evidence.ts';

/** One app as PM2 saved it. */
type Entry = Readonly<Record<string, unknown>> & { readonly name: string };

/** An app as PM2 tells it from others. */
export interface NamedApp {
  readonly name: string;
  readonly namespace: string;
}

/** One of the saved list that PM2 could not start, and how many entries that has of it. */
export interface Unstarted extends NamedApp, Unstartable {
  readonly saved: number;
}

/** Compares PM2's saved list with the names that run now. Each instance of a name counts. */
export async function readSavedList(pm2Home: string, apps: readonly string[]): Promise<SavedList> {
  const file = join(pm2Home, 'dump.pm2');
  const text = await readOrNull(file);
  if (text === null) return { state: 'missing', reason: `${file} does not exist` };
  const entries = entriesIn(text);
  if (entries === null)
    return { state: 'missing', reason: `${file} is not a list that PM2 can read` };
  const saved = entries.map(({ name }) => name);
  const missingApps = lessIn(saved, apps);
  const goneApps = lessIn(apps, saved);
  if (missingApps.length + goneApps.length === 0) return { state: 'current' };
  const unstartable = await unstartableIn(entries.filter(({ name }) => goneApps.includes(name)));
  const isLost = unstartable.length > 0;
  return { state: 'stale', missingApps, goneApps, ...(isLost && { unstartable }) };
}

/**
 * The apps in PM2's saved list that have fewer entries in its list of now, and of which something is missing that
 * PM2 needs to start them. Throws where the saved list may not be read.
 */
export async function readUnstartable(
  pm2Home: string,
  apps: readonly NamedApp[],
): Promise<readonly Unstarted[]> {
  const entries = entriesIn((await readOrNull(join(pm2Home, 'dump.pm2'))) ?? '') ?? [];
  const saved = countOf(entries.map(namedIn));
  const listed = countOf(apps);
  const found = new Map<string, Unstarted>();
  for (const entry of entries) {
    const app = namedIn(entry);
    const key = keyOf(app);
    const count = saved.get(key) ?? 0;
    if (found.has(key) || count <= (listed.get(key) ?? 0)) continue;
    const [unstartable] = await unstartableIn([entry]);
    if (unstartable !== undefined) found.set(key, { ...app, ...unstartable, saved: count });
  }
  return [...found.values()];
}

/** How many entries a list has of each app, by `keyOf`. */
export function countOf(apps: readonly NamedApp[]): ReadonlyMap<string, number> {
  const counts = new Map<string, number>();
  for (const app of apps) counts.set(keyOf(app), (counts.get(keyOf(app)) ?? 0) + 1);
  return counts;
}

/** A name is PM2's for several apps where these are in different namespaces. */
export function keyOf({ name, namespace }: NamedApp): string {
  return JSON.stringify([namespace, name]);
}

/** PM2's own default, where an older one saved none. */
function namedIn(entry: Entry): NamedApp {
  const { name, namespace } = entry;
  return { name, namespace: typeof namespace === 'string' ? namespace : 'default' };
}

/**
 * The apps that run and are not in PM2's saved list, so that a reboot would lose them. Empty where nothing
 * was ever saved, and for a list larger than `mostBytes`. Never rejects.
 */
export async function unsavedApps(
  pm2Home: string,
  apps: readonly string[],
  mostBytes: number,
): Promise<readonly string[]> {
  try {
    const file = join(pm2Home, 'dump.pm2');
    const { size } = await stat(file);
    const entries = size > mostBytes ? null : entriesIn((await readOrNull(file)) ?? '');
    const saved = entries?.map(({ name }) => name);
    return saved === undefined ? [] : lessIn(saved, apps);
  } catch {
    return [];
  }
}

/** The saved apps of which something is missing that PM2 needs to start them: `resurrect` left them out. */
async function unstartableIn(entries: readonly Entry[]): Promise<readonly Unstartable[]> {
  const found = new Map<string, string>();
  for (const entry of entries) {
    const obstacles = await obstaclesOf(entry);
    if (obstacles.length > 0) found.set(entry.name, obstaclesText(obstacles));
  }
  return [...found].map(([name, reason]) => ({ name, reason }));
}

async function readOrNull(file: string): Promise<string | null> {
  try {
    return await readFile(file, 'utf8');
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return null;
    throw error;
  }
}

/** The apps in a dump; null where a power cut or a full disk left it broken. */
function entriesIn(text: string): readonly Entry[] | null {
  const entries = parse(text);
  return Array.isArray(entries) ? entries.filter(isEntry) : null;
}

function isEntry(entry: unknown): entry is Entry {
  const isObject = typeof entry === 'object' && entry !== null;
  return isObject && 'name' in entry && typeof entry.name === 'string';
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}

/** The names that are less often in `list` than in `all`, each once and in order. */
function lessIn(list: readonly string[], all: readonly string[]): readonly string[] {
  const count = (names: readonly string[], name: string): number =>
    names.filter((other) => other === name).length;
  return [...new Set(all)].filter((name) => count(list, name) < count(all, name)).sort();
}
