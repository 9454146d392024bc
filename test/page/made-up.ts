import type {
  AppHistory,
  HistoryBucket,
  HistoryReader,
  HistorySum,
} from '../../src/history/series/history.ts';
import { levelOf, type HistoryStep } from '../../src/history/series/steps.ts';
import { incidentsOf } from '../../src/listener/incident-fold.ts';
import { indexIncidents } from '../../src/page/incidents.ts';
import type { PageFacts } from '../../src/page/page-facts.ts';
import type { StatusDocument, TargetStatus } from '../../src/report/status.ts';
import type { IncidentRecord, JournalLine } from '../../src/store/journal-line.ts';

/** Sat 28 Nov 2026, 07:42 UTC. */
export const NOW = Date.UTC(2026, 10, 28, 7, 42, 10);
export const [MINUTE, HOUR, DAY] = [60_000, 3_600_000, 86_400_000];

export const ago = (ms: number): string => new Date(NOW - ms).toISOString();

const FIGURES = {
  availability: 1,
  observedMs: DAY,
  downMs: 0,
  incidents: 0,
  restarts: 0,
  meanTimeToRecoverMs: null,
};

/** A healthy target, with other fields where they are given. */
export function target(name: string, other: Partial<TargetStatus> = {}): TargetStatus {
  return {
    name,
    instance: 0,
    pmId: 1,
    pid: 4_711,
    instances: null,
    state: 'healthy',
    since: ago(5 * HOUR),
    summary: 'healthy (200 in 12ms)',
    next: { what: 'checked again', at: null },
    probe: {
      type: 'http',
      target: 'http://127.0.0.1:3000/health',
      periodMs: 5_000,
      timeoutMs: 3_000,
    },
    last: { ok: true, class: null, detail: '200', durationMs: 12.3, at: ago(2_000) },
    failures: 0,
    threshold: 3,
    restarts: { used: 0, limit: 5, withinMs: 10 * MINUTE, total: 0 },
    incident: null,
    uptime: { '1h': FIGURES, '24h': FIGURES, '7d': FIGURES },
    ...other,
  };
}

/** A status document of a monitor that leads, with these targets. */
export function status(
  targets: readonly TargetStatus[],
  other: Partial<StatusDocument> = {},
  monitor: Partial<StatusDocument['monitor']> = {},
): StatusDocument {
  return {
    schemaVersion: 1,
    monitor: {
      version: '0.1.0',
      pid: 4_000,
      since: ago(3 * DAY),
      state: 'active',
      unfit: null,
      history: { isKept: true, why: null },
      lastRoundAt: ago(500),
      ...monitor,
    },
    targets,
    misconfigured: [],
    unwatched: [],
    problems: [],
    ...other,
  };
}

/** Numbers between 0 and 1 that are always the same. */
function seeded(seed: number): () => number {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 2 ** 32;
  };
}

/** When an app of a made-up history was down, or not observed, in milliseconds before NOW. */
export interface Outage {
  readonly fromAgo: number;
  readonly ms: number;
  readonly isUnseen?: boolean;
}

/** A history of 90 days. */
export function history(outages: readonly Outage[], medianMs = 12, knownMs = 90 * DAY): AppHistory {
  const sumOf = (from: number, ms: number): HistorySum => {
    const to = Math.min(from + ms, NOW);
    const over = (isUnseen: boolean): number =>
      outages
        .filter((outage) => (outage.isUnseen ?? false) === isUnseen)
        .reduce((sum, { fromAgo, ms: length }) => {
          const begin = NOW - fromAgo;
          return sum + Math.max(0, Math.min(to, begin + length) - Math.max(from, begin));
        }, 0);
    const before = Math.max(0, Math.min(to, NOW - knownMs) - from);
    const [downMs, unseenMs] = [over(false), over(true) + before];
    const upMs = Math.max(0, to - from - downMs - unseenMs);
    return {
      from,
      upMs,
      downMs,
      unobservedMs: ms - upMs - downMs,
      checks: Math.floor(upMs / 5_000),
    };
  };
  const bucketOf = (from: number, ms: number): HistoryBucket => {
    const sum = sumOf(from, ms);
    const random = seeded(Math.floor(from / 1_000));
    const p50Ms = medianMs * (0.85 + 0.3 * random() + 0.25 * Math.sin(from / (2 * HOUR)));
    const times = { p50Ms, p95Ms: p50Ms * (1.5 + random() ** 4 * 4), maxMs: p50Ms * 8 };
    const none = { p50Ms: null, p95Ms: null, maxMs: null };
    return { ...sum, ...(sum.upMs === 0 ? none : times) };
  };
  return {
    name: 'made-up',
    instance: 0,
    series(step: HistoryStep, since = 0) {
      const { ms, capacity } = levelOf(step);
      const last = Math.floor(NOW / ms);
      const first = Math.max(last - capacity + 1, Math.floor(since / ms));
      return Array.from({ length: last - first + 1 }, (_, n) => bucketOf((first + n) * ms, ms));
    },
    bars: (from, barMs, count) =>
      Array.from({ length: count }, (_, n) => sumOf(from + n * barMs, barMs)),
  };
}

/** The line of an incident that is over, or open where it has no end. */
export function incident(
  app: string,
  openedAgo: number,
  downtimeMs: number | null,
  other: Partial<IncidentRecord> = {},
): JournalLine {
  const openedAt = ago(openedAgo);
  const isOpen = downtimeMs === null;
  const record: IncidentRecord = {
    openedAt,
    detectedAt: ago(openedAgo - 10_000),
    class: 'timeout',
    detail: 'no answer within 3s',
    resolvedAt: isOpen ? null : ago(openedAgo - downtimeMs),
    end: isOpen ? null : 'recovered',
    downtimeMs,
    restarts: 1,
    actions: [
      {
        at: ago(openedAgo - 12_000),
        method: 'restart',
        result: 'done',
        detail: 'restarted as pid 5120',
      },
    ],
    trail: [
      { at: openedAt, text: 'failing 1/3: no answer within 3s' },
      { at: ago(openedAgo - 10_000), text: 'restarting: 3 of 3 checks timed out' },
    ],
    errorLog: null,
    ...other,
  };
  return {
    schemaVersion: 1,
    at: openedAt,
    app,
    instance: 0,
    incident: Date.parse(openedAt).toString(36),
    event: isOpen ? 'opened' : 'resolved',
    text: record.detail,
    record,
  };
}

/** All that a page is made of; histories by the name of the app. */
export function facts(
  document: StatusDocument,
  lines: readonly JournalLine[] = [],
  histories: Readonly<Record<string, AppHistory>> = {},
): PageFacts {
  const reader: HistoryReader = {
    names: () => Object.keys(histories).map((name) => ({ name, instance: 0 })),
    of: (name) => histories[name] ?? null,
  };
  return {
    at: NOW,
    status: document,
    history: reader,
    incidents: indexIncidents(incidentsOf(lines)),
  };
}
