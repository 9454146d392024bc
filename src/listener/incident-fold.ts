import { appendBounded } from '../store/append-bounded.ts';
import type { IncidentRecord, JournalLine } from '../store/journal-line.ts';
import { hidePaths } from './hide-paths.ts';

/** An incident of the journal, as it may be shown. */
export interface KnownIncident {
  readonly app: string;
  readonly instance: number;
  /** Identifies it within its app. */
  readonly id: string;
  /** Without the app's log and without absolute paths. */
  readonly record: IncidentRecord;
}

/** An incident as its lines have it so far. */
interface Folded {
  readonly key: string;
  /** What tells it from what it was with fewer lines. */
  readonly mark: string;
  /** Epoch milliseconds. */
  readonly openedAt: number;
  readonly lines: number;
  /** Restarts that were carried out; a long list of actions has not all of them. */
  readonly done: number;
  /** With paths. */
  readonly incident: KnownIncident;
}

/** An incident whose paths were hidden, and of which state. */
interface Hidden {
  readonly mark: string;
  readonly incident: KnownIncident;
}

const MOST_INCIDENTS = 1_000;

/** Folds the lines of the journal, oldest first, into incidents. */
export class IncidentFold {
  readonly #known = new Map<string, Folded>();

  take(line: JournalLine): void {
    const { at, app, instance, incident: id, event, text } = line;
    const key = JSON.stringify([app, instance, id]);
    const before = this.#known.get(key);
    const known = line.record ?? before?.incident.record;
    if (known === undefined) return;
    const isDone = line.record === undefined && line.action?.result === 'done';
    const done = (line.record === undefined ? (before?.done ?? 0) : 0) + Number(isDone);
    const record =
      line.record === undefined ? continued(known, line, done) : { ...known, errorLog: null };
    const lines = (before?.lines ?? 0) + 1;
    const mark = `${lines} ${event} ${at} ${text}`;
    const openedAt = Date.parse(record.openedAt);
    const incident = { app, instance, id, record };
    this.#known.set(key, { key, mark, openedAt, lines, done, incident });
  }

  /** Newest first. */
  newest(): readonly Folded[] {
    return [...this.#known.values()]
      .toSorted((one, other) => other.openedAt - one.openedAt)
      .slice(0, MOST_INCIDENTS);
  }
}

/** Hides the paths in incidents; in those that have not changed since the last time they are hidden already. */
export class PathHider {
  #before: ReadonlyMap<string, Hidden> = new Map();
  #now = new Map<string, Hidden>();

  /** Begins a new round; what the round before last had is forgotten. */
  begin(): void {
    this.#before = this.#now;
    this.#now = new Map();
  }

  hide({ key, mark, incident }: Folded): KnownIncident {
    const before = this.#before.get(key);
    const hidden =
      before?.mark === mark
        ? before
        : { mark, incident: { ...incident, record: hidePaths(incident.record) } };
    this.#now.set(key, hidden);
    return hidden.incident;
  }
}

/** The lines of the journal, oldest first, as incidents, newest first. */
export function incidentsOf(lines: readonly JournalLine[]): readonly KnownIncident[] {
  const [fold, hider] = [new IncidentFold(), new PathHider()];
  for (const line of lines) fold.take(line);
  return fold.newest().map((folded) => hider.hide(folded));
}

function continued(
  record: IncidentRecord,
  { at, text, action, diagnosis }: JournalLine,
  done: number,
): IncidentRecord {
  if (action === undefined)
    return {
      ...record,
      ...(diagnosis && { diagnosis }),
      trail: appendBounded(record.trail, { at, text }),
    };
  // The record of an open incident is that of its beginning.
  const restarts = Math.max(record.restarts, done);
  return { ...record, restarts, actions: appendBounded(record.actions, action) };
}
