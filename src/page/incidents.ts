import type { StatusDocument } from '../report/status.ts';
import { appKey } from '../store/app-memory.ts';
import type { IncidentRecord } from '../store/journal-line.ts';
import type { KnownIncidents, PageIncident } from './page-facts.ts';

/** Lets the incidents, newest first, be found by their app. */
export function indexIncidents(all: readonly PageIncident[]): KnownIncidents {
  const byApp = new Map<string, PageIncident[]>();
  for (const incident of all) {
    const key = appKey(incident.app, incident.instance);
    const same = byApp.get(key);
    if (same === undefined) byApp.set(key, [incident]);
    else same.push(incident);
  }
  return { all, of: ({ name, instance }) => byApp.get(appKey(name, instance)) ?? [] };
}

/** An end is in the journal this long, in milliseconds, after the app has got another state. */
const WRITTEN_MS = 10_000;

/**
 * Ends the incidents, newest first, that the monitor does not know as open: their end was lost, as where an app got
 * another name while no monitor ran. They end with their last line, and nobody saw it.
 */
export function withLostEnds(
  incidents: readonly PageIncident[],
  { monitor, targets }: Pick<StatusDocument, 'monitor' | 'targets'>,
  now: number,
): readonly PageIncident[] {
  // Which apps are watched is not known.
  if (monitor.state === 'standby' || monitor.lastRoundAt === null) return incidents;
  const mayBeOpen = new Map<string, number>();
  for (const { name, instance, incident, since } of targets) {
    const isNew = now - Date.parse(since) < WRITTEN_MS;
    const key = appKey(name, instance);
    if (incident !== null || isNew) mayBeOpen.set(key, (mayBeOpen.get(key) ?? 0) + 1);
  }
  return incidents.map((each) => {
    const { app, instance, record } = each;
    if (record.resolvedAt !== null || record.end !== null) return each;
    // An app has one that is open: its newest. Several can have one name.
    const key = appKey(app, instance);
    const open = mayBeOpen.get(key) ?? 0;
    mayBeOpen.set(key, open - 1);
    if (open > 0) return each;
    return { ...each, record: { ...record, resolvedAt: lastLineAt(record), end: 'unseen' } };
  });
}

function lastLineAt({ detectedAt, trail, actions }: IncidentRecord): string {
  const times = [detectedAt, trail.at(-1)?.at, actions.at(-1)?.at].filter((at) => at !== undefined);
  return times.reduce((last, at) => (Date.parse(at) > Date.parse(last) ? at : last));
}

/** The lines of a diagnosis, of any form that a record may have; none where it has none. */
export function diagnosisOf(record: IncidentRecord): readonly string[] {
  const { diagnosis } = record as { readonly diagnosis?: unknown }; // a later monitor's field
  return linesIn(diagnosis, 3).slice(0, 60);
}

function linesIn(value: unknown, depth: number): readonly string[] {
  if (typeof value === 'string') return value.split('\n');
  if (typeof value === 'number') return [String(value)];
  if (typeof value !== 'object' || value === null || depth === 0) return [];
  if (Array.isArray(value)) return value.flatMap((each) => linesIn(each, depth - 1));
  return Object.entries(value).flatMap(([name, each]) => {
    const lines = linesIn(each, depth - 1);
    return lines.length === 1
      ? [`${name}: ${lines[0] ?? ''}`]
      : lines.length > 1
        ? [name, ...lines.map((line) => `  ${line}`)]
        : [];
  });
}

/** How an incident ended, for people; null while it is open. */
export function endText({ end }: IncidentRecord): string | null {
  if (end === null) return null;
  return ENDS[end] ?? end;
}

const ENDS: Readonly<Record<string, string>> = {
  recovered: 'recovered',
  worse: 'became another incident',
  stopped: 'stopped in PM2',
  deleted: 'deleted from PM2',
  unwatched: 'no longer watched',
  paused: 'paused by the operator',
  debugged: 'debugged',
  unseen: 'its end was not seen',
};
