import { gistOf } from '../text/gist.ts';
import type { PageIncident } from './page-facts.ts';

export const DAY_MS = 86_400_000;

/** Incidents of one app and one kind in the last day, as one line; times are epoch milliseconds. */
export interface Happening {
  readonly app: string;
  readonly instance: number;
  readonly cause: string;
  readonly detail: string;
  readonly count: number;
  /** When the first and the newest of them began. */
  readonly first: number;
  readonly from: number;
  /** Null while the newest of them is open. */
  readonly to: number | null;
  readonly end: string | null;
  /** For how long the app did not answer well, all together, in milliseconds. */
  readonly downMs: number;
  readonly restarts: number;
}

/**
 * What happened in the last day, in lines: what is still open first, then by the time down. Incidents that differ
 * only in numbers are one line.
 */
export function lastDayOf(incidents: readonly PageIncident[], now: number): readonly Happening[] {
  const merged = new Map<string, Happening>();
  // The newest comes first: the line says how that one ended.
  for (const incident of incidents) {
    const { app, instance, record } = incident;
    if (endOf(record, now) < now - DAY_MS) continue;
    const key = JSON.stringify([app, instance, record.class, gistOf(record.detail)]);
    const known = merged.get(key);
    const one = happeningOf(incident, now);
    merged.set(key, known === undefined ? one : joined(known, one));
  }
  return [...merged.values()].sort(
    (one, other) =>
      Number(other.to === null) - Number(one.to === null) ||
      other.downMs - one.downMs ||
      other.from - one.from,
  );
}

function joined(newer: Happening, older: Happening): Happening {
  return {
    ...newer,
    count: newer.count + 1,
    first: Math.min(newer.first, older.first),
    downMs: newer.downMs + older.downMs,
    restarts: newer.restarts + older.restarts,
  };
}

function happeningOf({ app, instance, record }: PageIncident, now: number): Happening {
  const from = Date.parse(record.openedAt);
  const isOpen = record.resolvedAt === null && record.end === null;
  return {
    app,
    instance,
    cause: record.class,
    detail: record.detail,
    count: 1,
    first: from,
    from,
    to: isOpen ? null : endOf(record, now),
    end: record.end,
    downMs: record.downtimeMs ?? (isOpen ? Math.max(0, now - from) : 0),
    // Of an open one the record is that of its beginning.
    restarts: Math.max(
      record.restarts,
      record.actions.filter((each) => each.result === 'done').length,
    ),
  };
}

function endOf({ resolvedAt, end, openedAt }: PageIncident['record'], now: number): number {
  if (resolvedAt !== null) return Date.parse(resolvedAt);
  return end === null ? now : Date.parse(openedAt);
}
