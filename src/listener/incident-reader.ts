import type { IncidentRecord, JournalLine } from '../store/journal-line.ts';
import { journalMark, readNewestLines } from '../store/newest-lines.ts';
import { withTimeout } from '../time/deadline.ts';
import type { Clock } from '../time/clock.ts';
import type { DiskQueue } from '../time/disk-queue.ts';
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

/** What reading uses. */
interface IncidentReaderDeps {
  /** PM2_HOME/pm2-liveness. */
  readonly dir: string;
  readonly disk: DiskQueue;
  readonly clock: Clock;
}

const MOST_INCIDENTS = 1_000;

/** A disk that hangs is not waited for: what was read last is shown. */
const READ_MS = 2_000;

/** The disk is asked at most this often whether there is more. */
const FRESH_MS = 1_000;

/** Reads the incidents of the journal again where it has changed. */
export class IncidentReader {
  readonly #deps: IncidentReaderDeps;
  #known: readonly KnownIncident[] = [];
  #mark = '';
  #readAt = Number.NEGATIVE_INFINITY;
  #reading: Promise<void> | null = null;

  constructor(deps: IncidentReaderDeps) {
    this.#deps = deps;
  }

  /** Newest first. Never rejects. */
  async read(): Promise<readonly KnownIncident[]> {
    const { clock } = this.#deps;
    if (clock.now() - this.#readAt >= FRESH_MS) {
      this.#reading ??= this.#readAgain().finally(() => {
        this.#reading = null;
      });
      await withTimeout(this.#reading, READ_MS, undefined, clock);
    }
    return this.#known;
  }

  async #readAgain(): Promise<void> {
    const { dir, disk, clock } = this.#deps;
    try {
      const mark = await disk.run(() => journalMark(dir));
      if (mark !== this.#mark) {
        this.#known = incidentsOf(await disk.run(() => readNewestLines(dir)));
        this.#mark = mark;
      }
    } catch {
      // No journal yet, or a disk that hangs.
    }
    this.#readAt = clock.now();
  }
}

/** Folds the lines of the journal, which are oldest first, into incidents, newest first. */
export function incidentsOf(lines: readonly JournalLine[]): readonly KnownIncident[] {
  const known = new Map<string, KnownIncident>();
  for (const line of lines) {
    const { app, instance, incident: id, record } = line;
    const key = JSON.stringify([app, instance, id]);
    if (record !== undefined) {
      known.set(key, { app, instance, id, record: { ...record, errorLog: null } });
      continue;
    }
    const before = known.get(key);
    if (before !== undefined) known.set(key, { ...before, record: continued(before.record, line) });
  }
  return [...known.values()]
    .toSorted((a, b) => Date.parse(b.record.openedAt) - Date.parse(a.record.openedAt))
    .slice(0, MOST_INCIDENTS)
    .map((incident) => ({ ...incident, record: hidePaths(incident.record) }));
}

function continued(record: IncidentRecord, { at, text, action }: JournalLine): IncidentRecord {
  return action === undefined
    ? { ...record, trail: [...record.trail, { at, text }] }
    : { ...record, actions: [...record.actions, action], restarts: record.restarts };
}
