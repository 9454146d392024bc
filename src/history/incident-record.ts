import { maskSecrets } from '../config/secrets/secrets.ts';
import type { LogTail } from '../os/log-tail.ts';
import type { TargetView } from '../report/view.ts';
import { appKey } from '../store/app-memory.ts';
import { appendBounded } from '../store/append-bounded.ts';
import type { IncidentRecord, JournalLine, TrailEntry } from '../store/journal-line.ts';
import type { Decision } from '../verdict/decision.ts';
import type { Incident } from '../verdict/incident/incident.ts';
import { downtimeOf } from '../uptime/figures.ts';

/** An open incident, in the form of the journal. */
export interface OpenIncident {
  readonly id: string;
  record: IncidentRecord;
  /** Read shortly after the rest. */
  errorLog: IncidentRecord['errorLog'];
  /** An earlier monitor wrote it, and the app has been neither well nor paused since. */
  isInherited: boolean;
}

/** The record of a new incident, with what led to it. */
export function openRecord(
  incident: Incident,
  trail: readonly TrailEntry[],
  iso: (at: number) => string,
): OpenIncident {
  const openedAt = iso(incident.openedAt);
  const record: IncidentRecord = {
    openedAt,
    detectedAt: iso(incident.detectedAt),
    class: incident.cause,
    detail: incident.detail,
    resolvedAt: null,
    end: null,
    downtimeMs: null,
    restarts: incident.restarts,
    actions: [],
    trail,
    errorLog: null,
  };
  return { id: Date.parse(openedAt).toString(36), record, errorLog: null, isInherited: false };
}

/**
 * Notes in an open incident what its app was doing, once: the step of it; null where nothing is new. It is known
 * shortly after the app stopped answering, often only after the incident began.
 */
export function noteDiagnosis(
  { diagnosis }: TargetView,
  open: OpenIncident,
  at: string,
): (TrailEntry & { readonly diagnosis: readonly string[] }) | null {
  const [sentence] = diagnosis ?? [];
  if (!diagnosis || sentence === undefined || open.record.diagnosis !== undefined) return null;
  const step = { at, text: `what it was doing: ${sentence}` };
  open.record = { ...open.record, diagnosis, trail: appendBounded(open.record.trail, step) };
  return { ...step, diagnosis };
}

/** The end of an error log, without secrets. */
export function errorLogOf(
  { writtenAt, lines }: LogTail,
  secrets: Parameters<typeof maskSecrets>[1],
): IncidentRecord['errorLog'] {
  const masked = lines.map((line) => maskSecrets(line, secrets));
  return { writtenAt: new Date(writtenAt).toISOString(), lines: masked };
}

/** The complete record of an incident that is over. */
export function resolveRecord(
  { record }: OpenIncident,
  { incident, end }: Extract<Decision, { type: 'incidentResolved' }>,
  { uptime, verdict }: TargetView,
  iso: (at: number) => string,
): IncidentRecord {
  const { at } = verdict;
  const resolvedAt = uptime.standing === 'up' ? uptime.since : at;
  return {
    ...record,
    resolvedAt: iso(resolvedAt),
    end,
    downtimeMs: Math.round(downtimeOf(uptime, incident.openedAt, at)),
    restarts: incident.restarts,
  };
}

/** The incidents whose end an earlier monitor did not see, by app. */
export function readOpenIncidents(lines: readonly JournalLine[]): Map<string, OpenIncident> {
  const open = new Map<string, OpenIncident>();
  for (const line of lines) {
    const key = appKey(line.app, line.instance);
    if (line.event === 'opened' && line.record !== undefined) {
      const { record, incident: id } = line;
      open.set(key, { id, record, errorLog: record.errorLog, isInherited: true });
    } else if (line.event === 'resolved') {
      // The end of an incident that waited for PM2's answer may come after the beginning of the next one.
      if (open.get(key)?.id === line.incident) open.delete(key);
    } else {
      const known = open.get(key);
      if (known?.id === line.incident) known.record = continued(known.record, line);
    }
  }
  return open;
}

function continued(
  record: IncidentRecord,
  { at, text, action, diagnosis }: JournalLine,
): IncidentRecord {
  return action === undefined
    ? {
        ...record,
        ...(diagnosis && { diagnosis }),
        trail: appendBounded(record.trail, { at, text }),
      }
    : { ...record, actions: appendBounded(record.actions, action) };
}
