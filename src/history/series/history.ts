import type { HistoryStep } from './steps.ts';

/** What is known of an app in a stretch of time. Durations in milliseconds. */
export interface HistorySum {
  /** When it begins, in epoch milliseconds. */
  readonly from: number;
  /** How long the app was seen to answer well, and how long not to. */
  readonly upMs: number;
  readonly downMs: number;
  /** The rest of its length: nobody was able to say. */
  readonly unobservedMs: number;
  /** Probes that brought an answer, good or bad. */
  readonly checks: number;
}

/** One bucket of a series. The times of answers are within 15 %, of good answers alone. */
export interface HistoryBucket extends HistorySum {
  /** Half and 95 % of the good answers took at most this long; null where there was none. */
  readonly p50Ms: number | null;
  readonly p95Ms: number | null;
  readonly maxMs: number | null;
}

/** An app of which a history is kept. */
export interface HistoryName {
  readonly name: string;
  readonly instance: number;
}

/** The history of one app: minutes for 3 hours, quarter hours for 2 days, hours for 90 days. */
export interface AppHistory extends HistoryName {
  /**
   * The buckets of one series, oldest first, up to the present one, which is not over. From `since` (epoch
   * milliseconds) on, or from the first one of which anything is known. The last minute may be missing.
   */
  series(step: HistoryStep, since?: number): readonly HistoryBucket[];
  /**
   * The time from `from` on (epoch milliseconds) as `count` stretches of `barMs`, for bars and sums, of the
   * finest series that goes back so far. Without a stretch of which nothing is known: it is unobserved.
   */
  bars(from: number, barMs: number, count: number): readonly HistorySum[];
}

/** The histories of all apps that are kept. */
export interface HistoryReader {
  /** By name and instance. */
  names(): readonly HistoryName[];
  of(name: string, instance: number): AppHistory | null;
}
