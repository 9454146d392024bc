import { isFields } from '../text/fields.ts';

/** One line of the incident journal. Fields are only added; a change of meaning needs a new version. */
export interface JournalLine {
  readonly schemaVersion: 1;
  /** ISO 8601, as are all times here. */
  readonly at: string;
  readonly app: string;
  readonly instance: number;
  /** Identifies the incident within its app. */
  readonly incident: string;
  readonly event: 'opened' | 'decided' | 'acted' | 'resolved';
  /** One sentence for people. */
  readonly text: string;
  /** With `opened`, what was known then; with `resolved`, the whole incident. */
  readonly record?: IncidentRecord;
  /** With `acted`. */
  readonly action?: ActionRecord;
  /** With `decided`: what the app was doing, see `IncidentRecord`. */
  readonly diagnosis?: readonly string[];
}

/** An incident in the journal (DESIGN §8). Times are ISO 8601. */
export interface IncidentRecord {
  /** The first bad sign. */
  readonly openedAt: string;
  /** When it was proven. */
  readonly detectedAt: string;
  readonly class: string;
  readonly detail: string;
  /** Null while it is open. */
  readonly resolvedAt: string | null;
  /**
   * `recovered`, `worse` (another incident replaced it), `stopped`, `deleted`, `unwatched`, `paused`, `debugged`, or
   * `unseen` (the monitor was killed before); null while it is open.
   */
  readonly end: string | null;
  /**
   * How long the app was seen not to answer well, in milliseconds; null while it is open, and with `unseen`.
   */
  readonly downtimeMs: number | null;
  /** Restarts of ours. */
  readonly restarts: number;
  readonly actions: readonly ActionRecord[];
  /** What led to it and what was decided, in sentences, oldest first. */
  readonly trail: readonly TrailEntry[];
  /** The end of the app's error log when the incident opened; null where there was nothing to read. */
  readonly errorLog: { readonly writtenAt: string; readonly lines: readonly string[] } | null;
  /** What it was doing: a sentence, then its stack; absent where that was not known. */
  readonly diagnosis?: readonly string[];
}

/** A restart of ours, and its result. */
interface ActionRecord {
  readonly at: string;
  readonly method: string;
  readonly result: string;
  readonly detail: string;
}

/** One step of an incident. */
export interface TrailEntry {
  readonly at: string;
  readonly text: string;
}

const EVENTS: ReadonlySet<unknown> = new Set(['opened', 'decided', 'acted', 'resolved']);

/** Reads one line; null for half a line and for any line that is not ours. Never throws. */
export function parseJournalLine(text: string): JournalLine | null {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return null;
  }
  if (!isFields(value) || value['schemaVersion'] !== 1) return null;
  const { at, app, instance, incident, event, text: sentence, record, action } = value;
  const isLine =
    isTime(at) &&
    typeof app === 'string' &&
    typeof instance === 'number' &&
    typeof incident === 'string' &&
    typeof sentence === 'string' &&
    EVENTS.has(event) &&
    (record === undefined || isRecord(record)) &&
    (action === undefined || isAction(action)) &&
    isDiagnosis(value['diagnosis']);
  // All required fields of the type are checked above.
  return isLine ? (value as unknown as JournalLine) : null;
}

function isRecord(value: unknown): value is IncidentRecord {
  if (!isFields(value)) return false;
  const { openedAt, detectedAt, resolvedAt, end, downtimeMs, restarts, actions, trail } = value;
  return (
    isTime(openedAt) &&
    isTime(detectedAt) &&
    (resolvedAt === null || isTime(resolvedAt)) &&
    (end === null || typeof end === 'string') &&
    (downtimeMs === null || typeof downtimeMs === 'number') &&
    typeof restarts === 'number' &&
    typeof value['class'] === 'string' &&
    typeof value['detail'] === 'string' &&
    isListOf(actions, isAction) &&
    isListOf(trail, isStep) &&
    isErrorLog(value['errorLog']) &&
    isDiagnosis(value['diagnosis'])
  );
}

function isDiagnosis(value: unknown): boolean {
  return value === undefined || isListOf(value, (line) => typeof line === 'string');
}

function isErrorLog(value: unknown): boolean {
  if (value === null) return true;
  if (!isFields(value)) return false;
  return isTime(value['writtenAt']) && isListOf(value['lines'], (line) => typeof line === 'string');
}

function isAction(value: unknown): value is ActionRecord {
  if (!isFields(value) || !isTime(value['at'])) return false;
  return ['method', 'result', 'detail'].every((key) => typeof value[key] === 'string');
}

function isStep(value: unknown): boolean {
  return isFields(value) && isTime(value['at']) && typeof value['text'] === 'string';
}

function isListOf(value: unknown, is: (item: unknown) => boolean): boolean {
  return Array.isArray(value) && value.every(is);
}

function isTime(value: unknown): value is string {
  return typeof value === 'string' && !Number.isNaN(Date.parse(value));
}
