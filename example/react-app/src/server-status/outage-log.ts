import { isRecord } from '../storage/is-record.ts';
import type { StoredValueOptions } from '../storage/stored-value.ts';
import { wallNow } from '../time/wall-clock.ts';
import { isFailure } from './sample.ts';
import type { Failure, Sample } from './sample.ts';

/** A time when the server did not answer; `endedAt` is `null` while it lasts. */
export interface Outage {
  readonly startedAt: number;
  readonly endedAt: number | null;
  readonly failure: Failure;
}

/** What this visit has seen. The totals count outages that were dropped from the list, too. */
export interface OutageLog {
  readonly visitStartedAt: number;
  readonly count: number;
  readonly endedDownMs: number;
  /** Newest first. */
  readonly outages: readonly Outage[];
}

const KEPT_OUTAGES = 100;

/** The outage that is going on now, if there is one. */
export function openOutage(log: OutageLog): Outage | undefined {
  const newest = log.outages[0];
  return newest?.endedAt === null ? newest : undefined;
}

/** Starts an outage with the first failed sample, and ends it with the first good one. */
export function recordSample(log: OutageLog, sample: Sample): OutageLog {
  const { askedAt, tookMs, failure } = sample;
  return failure === null
    ? endOutage(log, askedAt, askedAt + tookMs)
    : startOutage(log, askedAt, failure);
}

// The page itself came from the server, so an outage from before its load is over.
function recordPageLoad(log: OutageLog): OutageLog {
  return endOutage(log, performance.timeOrigin, performance.timeOrigin);
}

function startOutage(log: OutageLog, startedAt: number, failure: Failure): OutageLog {
  if (openOutage(log) !== undefined) return log;
  const outages = [{ startedAt, endedAt: null, failure }, ...log.outages].slice(0, KEPT_OUTAGES);
  return { ...log, count: log.count + 1, outages };
}

// An answer to a question from before the outage says nothing about its end.
function endOutage(log: OutageLog, askedAt: number, answeredAt: number): OutageLog {
  const open = openOutage(log);
  if (open === undefined || askedAt < open.startedAt) return log;
  return {
    ...log,
    endedDownMs: log.endedDownMs + answeredAt - open.startedAt,
    outages: [{ ...open, endedAt: answeredAt }, ...log.outages.slice(1)],
  };
}

/** The log in sessionStorage: Vite reloads the page when the server is back, and it must not be lost then. */
export const storedOutageLog: StoredValueOptions<OutageLog> = {
  area: 'session',
  key: 'scratchpad.outages',
  initial: () => ({ visitStartedAt: wallNow(), count: 0, endedDownMs: 0, outages: [] }),
  parse: (json) => (isOutageLog(json) ? recordPageLoad(json) : undefined),
};

function isOutageLog(json: unknown): json is OutageLog {
  if (!isRecord(json)) return false;
  const { visitStartedAt, count, endedDownMs, outages } = json;
  return (
    [visitStartedAt, count, endedDownMs].every(Number.isFinite) &&
    Array.isArray(outages) &&
    outages.every(isOutage)
  );
}

function isOutage(json: unknown): json is Outage {
  if (!isRecord(json)) return false;
  const { startedAt, endedAt, failure } = json;
  return (
    Number.isFinite(startedAt) &&
    (endedAt === null || Number.isFinite(endedAt)) &&
    isFailure(failure)
  );
}
