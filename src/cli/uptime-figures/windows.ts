import type { AppHistory } from '../../history/series/history.ts';
import type { JournalLine } from '../../store/journal-line.ts';

/** A stretch of time that ends now. */
export interface UptimeWindow {
  /** As it is shown and typed: `24h`. */
  readonly window: string;
  readonly ms: number;
}

/** The figures of an app in a window; `uptime` is of the observed time, 0 to 1. */
export interface WindowFigures {
  readonly window: string;
  /** ISO 8601; not before the history begins. */
  readonly from: string;
  /** Null where nothing was observed. */
  readonly uptime: number | null;
  readonly upMs: number;
  readonly downMs: number;
  readonly unobservedMs: number;
  /** Incidents that opened in it. */
  readonly incidents: number;
  /** Null where none has ended. */
  readonly longestOutageMs: number | null;
}

const DAY_MS = 86_400_000;

/** The windows without `--since`. */
export const WINDOWS: readonly UptimeWindow[] = [
  { window: '24h', ms: DAY_MS },
  { window: '7d', ms: 7 * DAY_MS },
  { window: '30d', ms: 30 * DAY_MS },
  { window: '90d', ms: 90 * DAY_MS },
];

/** The figures of one window that ends now, epoch milliseconds; incidents are those of the journal. */
export function figuresIn(
  history: AppHistory,
  { window, ms }: UptimeWindow,
  journal: readonly JournalLine[],
  now: number,
): WindowFigures {
  const begins = history.series('1h')[0]?.from ?? now;
  const from = Math.max(now - ms, begins);
  const [sum] = history.bars(from, Math.max(1, now - from), 1);
  const { upMs = 0, downMs = 0, unobservedMs = 0 } = sum ?? {};
  const own = journal.filter(
    ({ app, instance, at }) =>
      app === history.name && instance === history.instance && Date.parse(at) >= from,
  );
  const outages = own.flatMap(({ event, record }) =>
    event === 'resolved' && typeof record?.downtimeMs === 'number' ? [record.downtimeMs] : [],
  );
  return {
    window,
    from: new Date(from).toISOString(),
    uptime: upMs + downMs > 0 ? upMs / (upMs + downMs) : null,
    upMs,
    downMs,
    unobservedMs,
    incidents: own.filter(({ event }) => event === 'opened').length,
    longestOutageMs: outages.length === 0 ? null : Math.max(...outages),
  };
}
