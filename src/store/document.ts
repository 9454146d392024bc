import { dirname } from 'node:path';
import { codeOf, LivenessError, messageOf } from '../errors.ts';
import { mustBeOurs } from '../leader/private-dir.ts';
import {
  MOST_OBSERVED,
  MOST_RESTARTS,
  type KeptApp,
  type KeptIncident,
  type KeptRestarts,
} from './app-memory.ts';
import { isFields } from '../text/fields.ts';
import { readSmallFile, setAside, type Files } from './files.ts';
import { isKeptUptime } from './kept-uptime.ts';
import { LATEST_WALL, type SavedAt } from './memory-time.ts';

/** The state file. Fields are only added; a change of meaning needs a new version. */
export interface StateDocument {
  readonly schemaVersion: 1;
  readonly savedAt: SavedAt;
  /** By `appKey`. */
  readonly apps: Readonly<Record<string, KeptApp>>;
}

/** The most apps that are remembered. */
export const MOST_APPS = 5_000;

/** A larger file is not ours: MOST_APPS apps need less. */
export const MOST_FILE_BYTES = 64 * 1024 * 1024;

/** Reads the text of a state file; a string says why it is not one. Never throws. */
export function parseDocument(text: string): StateDocument | string {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    return `is not valid JSON (${messageOf(error).slice(0, 80)})`;
  }
  if (!isFields(value)) return 'is not a JSON object';
  if (value['schemaVersion'] !== 1) {
    const got = JSON.stringify(value['schemaVersion'])?.slice(0, 20) ?? 'none';
    return `has schemaVersion ${got}; this version of pm2-liveness reads only 1`;
  }
  const { savedAt, apps } = value;
  if (!isSavedAt(savedAt)) return 'has no valid savedAt';
  if (!isFields(apps)) return 'has no apps';
  const entries = Object.entries(apps);
  if (entries.length > MOST_APPS) return `has more than ${MOST_APPS} apps`;
  const known: [string, KeptApp][] = [];
  for (const [key, app] of entries) {
    if (!/^\d{1,9}:/.test(key) || !isKeptApp(app)) {
      return `has an invalid entry for the app ${JSON.stringify(key.slice(0, 80))}`;
    }
    known.push([key, withUsableHistory(app)]);
  }
  return { schemaVersion: 1, savedAt, apps: Object.fromEntries(known) };
}

function isKeptApp(value: unknown): value is KeptApp {
  if (!isFields(value)) return false;
  const { seenAt, restarts, backoff, restartsSinceOk, cooldownMs, openUntil, pause } = value;
  return (
    isWall(seenAt) &&
    Array.isArray(restarts) &&
    restarts.length <= MOST_RESTARTS &&
    restarts.every(isWall) &&
    isBackoff(backoff) &&
    isCount(restartsSinceOk) &&
    isNullOr(isDelay, cooldownMs) &&
    isNullOr(isWall, openUntil) &&
    (pause === null || (isFields(pause) && isNullOr(isWall, pause['until'])))
  );
}

/** Drops a broken history, which is only shown, so that the memory for restart decisions is kept. */
function withUsableHistory(app: KeptApp): KeptApp {
  const { incident, answered, provenBlock, certificateReported, uptime, pm2Restarts } = app;
  return {
    ...app,
    incident: isIncident(incident) ? incident : null,
    answered: typeof answered === 'string' ? answered : null,
    provenBlock: typeof provenBlock === 'string' ? provenBlock : null,
    certificateReported: typeof certificateReported === 'string' ? certificateReported : null,
    uptime: isKeptUptime(uptime) ? uptime : null,
    pm2Restarts: isKeptRestarts(pm2Restarts) ? pm2Restarts : null,
  };
}

function isIncident(value: unknown): value is KeptIncident {
  if (!isFields(value)) return false;
  const { openedAt, detectedAt, cause, detail, restarts } = value;
  const isText = typeof cause === 'string' && typeof detail === 'string';
  return isText && isWall(openedAt) && isWall(detectedAt) && isCount(restarts);
}

/** A longer text is not ours. */
const MOST_DETAIL = 2_000;

function isKeptRestarts(value: unknown): value is KeptRestarts {
  if (!isFields(value)) return false;
  const { seen, last } = value;
  if (!isFields(seen) || !Array.isArray(last) || last.length > MOST_OBSERVED) return false;
  const isSeen = (each: unknown): boolean =>
    isFields(each) && isWall(each['startedAt']) && isCount(each['restarts']);
  return Object.values(seen).every(isSeen) && last.every(isKeptRestart);
}

function isKeptRestart(value: unknown): boolean {
  if (!isFields(value)) return false;
  const { pmId, at, cause, detail, count } = value;
  const isText = typeof cause === 'string' && typeof detail === 'string';
  return isText && detail.length <= MOST_DETAIL && isCount(pmId) && isWall(at) && isCount(count);
}

function isBackoff(value: unknown): value is KeptApp['backoff'] {
  if (!isFields(value)) return false;
  const { restarts, delayMs, notBefore, seed } = value;
  return isCount(restarts) && isDelay(delayMs) && isNullOr(isWall, notBefore) && isSeed(seed);
}

function isSavedAt(value: unknown): value is SavedAt {
  return isFields(value) && isWall(value['wall']) && isDelay(value['machine']);
}

function isNullOr<T>(is: (value: unknown) => value is T, value: unknown): value is T | null {
  return value === null || is(value);
}

function isWall(value: unknown): value is number {
  return typeof value === 'number' && Math.abs(value) <= LATEST_WALL;
}

/** True for a delay, or a time of the machine's clock, which starts at zero at every boot. */
function isDelay(value: unknown): value is number {
  return typeof value === 'number' && value >= 0 && value <= LATEST_WALL;
}

function isCount(value: unknown): value is number {
  return typeof value === 'number' && Number.isSafeInteger(value) && value >= 0;
}

function isSeed(value: unknown): value is number {
  return typeof value === 'number' && Number.isSafeInteger(value);
}

/** The contents of the file: nothing, a document, or something that was set aside. */
export interface Loaded {
  readonly document: StateDocument | null;
  /** A sentence for the log; null where there is none. */
  readonly warning: string | null;
}

/**
 * Reads the state file. A file that cannot be used is renamed to `<file>.bad-<time>`, so that it is not in
 * the way and not lost. Throws ERR_STORE where the folder is not ours; that can change.
 */
export async function loadState(path: string, wallMs: number, files: Files): Promise<Loaded> {
  let reason: string;
  const folder = await notOursReason(dirname(path), files);
  if (folder !== null) throw new LivenessError('ERR_STORE', folder);
  try {
    const document = parseDocument(await readSmallFile(path, MOST_FILE_BYTES, files));
    if (typeof document !== 'string') return { document, warning: null };
    reason = document;
  } catch (error) {
    // No file, or no folder for it (a save reports that): there is nothing to lose.
    const code = codeOf(error);
    if (code === 'ENOENT' || code === 'ENOTDIR') return { document: null, warning: null };
    reason = `cannot be read (${messageOf(error)})`;
  }
  const aside = await setAside(path, wallMs, files);
  return {
    document: null,
    warning: `${path} ${reason}; ${aside}; the monitor starts without its saved state`,
  };
}

/** Why a folder is not ours, so that nothing in it is read or moved; null where it is ours or missing. */
export async function notOursReason(dir: string, files: Files): Promise<string | null> {
  return mustBeOurs(dir, files).then(
    () => null,
    (error: unknown) => (codeOf(error) === 'ERR_STORE' ? messageOf(error) : null),
  );
}
