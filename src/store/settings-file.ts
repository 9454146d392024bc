import { join } from 'node:path';
import { ensurePrivateDir, mustBeOurs } from '../leader/private-dir.ts';
import { isFields } from './fields.ts';
import { inFile, readSmallFile, replaceFile, systemFiles, type Files } from './files.ts';

/** Raw settings by name, as `pm2 set` stored them. */
export type KeptSettings = Readonly<Record<string, unknown>>;

const FILE = 'settings.json';

/** Settings are few and short; a larger file is not ours. */
const MOST_BYTES = 64 * 1024;

/** The settings that were good when they were last read; none where that is not known. Never throws. */
export async function readSettings(dir: string, files: Files = systemFiles): Promise<KeptSettings> {
  try {
    await mustBeOurs(dir, files);
    const value: unknown = JSON.parse(await readSmallFile(join(dir, FILE), MOST_BYTES, files));
    if (!isFields(value) || value['schemaVersion'] !== 1) return {};
    return isFields(value['settings']) ? value['settings'] : {};
  } catch {
    // It is replaced with the next good settings; nothing depends on it until one is bad.
    return {};
  }
}

/** Keeps them for the next start. Throws what the disk throws. */
export async function writeSettings(
  dir: string,
  settings: KeptSettings,
  files: Files = systemFiles,
): Promise<void> {
  const path = join(dir, FILE);
  try {
    await ensurePrivateDir(dir, files);
    await replaceFile(path, `${JSON.stringify({ schemaVersion: 1, settings })}\n`, files);
  } catch (error) {
    throw inFile(path, error);
  }
}
