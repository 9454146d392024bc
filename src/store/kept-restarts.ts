import { join } from 'node:path';
import { mustBeOurs } from '../leader/private-dir.ts';
import type { KeptRestarts } from './app-memory.ts';
import { MOST_FILE_BYTES, parseDocument } from './document.ts';
import { readSmallFile, systemFiles, type Files } from './files.ts';

/** A restart under PM2 that is kept, with the app that it was of. */
export type KeptRestart = KeptRestarts['last'][number] & {
  readonly app: string;
  readonly instance: number;
};

/** The state file in the monitor's folder. */
export const STATE_FILE = 'state.json';

/** The newest restarts of all apps, for readers that only look; none where there is no file of ours. Never throws. */
export async function readKeptRestarts(
  dir: string,
  files: Files = systemFiles,
): Promise<readonly KeptRestart[]> {
  try {
    await mustBeOurs(dir, files);
    const text = await readSmallFile(join(dir, STATE_FILE), MOST_FILE_BYTES, files);
    const document = parseDocument(text);
    if (typeof document === 'string') return [];
    return Object.entries(document.apps).flatMap(([key, { pm2Restarts }]) => {
      // As `appKey` makes it; the document has no other.
      const at = key.indexOf(':');
      const [instance, app] = [Number(key.slice(0, at)), key.slice(at + 1)];
      return (pm2Restarts?.last ?? []).map((restart) => ({ ...restart, app, instance }));
    });
  } catch {
    return [];
  }
}
