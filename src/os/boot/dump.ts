import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { codeOf } from '../../errors.ts';
import type { SavedList } from './evidence.ts';

/** Compares PM2's saved list with the names that run now. Each instance of a name counts. */
export async function readSavedList(pm2Home: string, apps: readonly string[]): Promise<SavedList> {
  const file = join(pm2Home, 'dump.pm2');
  const text = await readOrNull(file);
  if (text === null) return { state: 'missing', why: `${file} does not exist` };
  const saved = namesIn(text);
  if (saved === null) return { state: 'missing', why: `${file} is no list that PM2 could read` };
  const missingApps = lessIn(saved, apps);
  const goneApps = lessIn(apps, saved);
  if (missingApps.length + goneApps.length === 0) return { state: 'current' };
  return { state: 'stale', missingApps, goneApps };
}

async function readOrNull(file: string): Promise<string | null> {
  try {
    return await readFile(file, 'utf8');
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return null;
    throw error;
  }
}

/** The names in a dump; null where a power cut or a full disk left it broken. */
function namesIn(text: string): readonly string[] | null {
  const entries = parse(text);
  if (!Array.isArray(entries)) return null;
  return entries.flatMap((entry: unknown) => {
    const name = typeof entry === 'object' && entry !== null && 'name' in entry ? entry.name : null;
    return typeof name === 'string' ? [name] : [];
  });
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
