import { join } from 'node:path';
import { mustBeOurs } from '../leader/private-dir.ts';
import { isFields } from '../text/fields.ts';
import { readSmallFile, systemFiles, type Files } from './files.ts';
import { writeOwnFile } from './write-own-file.ts';

/** Raw settings by name, from `pm2 set`. */
type KeptSettings = Readonly<Record<string, unknown>>;

const FILE = 'settings.json';

/** Settings are few and short; a larger file is not ours. */
const MOST_BYTES = 64 * 1024;

/** The last settings that were good; empty where there are none. Never rejects. */
export async function readSettings(dir: string, files: Files = systemFiles): Promise<KeptSettings> {
  try {
    await mustBeOurs(dir, files);
    const value: unknown = JSON.parse(await readSmallFile(join(dir, FILE), MOST_BYTES, files));
    if (!isFields(value) || value['schemaVersion'] !== 1) return {};
    return isFields(value['settings']) ? value['settings'] : {};
  } catch {
    // The next good settings replace the file. It is needed only while a setting is bad.
    return {};
  }
}

/** Saves them for the next start. Throws what the disk throws. */
export async function writeSettings(
  dir: string,
  settings: KeptSettings,
  files: Files = systemFiles,
): Promise<void> {
  await writeOwnFile(dir, FILE, `${JSON.stringify({ schemaVersion: 1, settings })}\n`, files);
}
