import { labelText, type LabelText } from './label-text.ts';

/** One value of a family. */
export interface Point {
  readonly labels: LabelText;
  readonly value: number;
}

/** The durations of one series. */
export interface HistogramPoint {
  readonly labels: LabelText;
  /** How many were at most as long as each bound of `BOUNDS`, in its order, and then all. */
  readonly cumulative: readonly number[];
  /** Seconds. */
  readonly sum: number;
}

interface Named {
  /** As every series has it in the older text format: `_total` at the end for a counter, `_info` for an info. */
  readonly name: string;
  readonly help: string;
}

/** A metric of single values. */
export interface PlainFamily extends Named {
  readonly type: 'gauge' | 'info';
  readonly points: readonly Point[];
}

interface CounterFamily extends Named {
  readonly type: 'counter';
  readonly points: readonly Point[];
  /** When counting began, wall milliseconds; OpenMetrics has a place for it. */
  readonly createdAt: number;
}

interface HistogramFamily extends Named {
  readonly type: 'histogram';
  readonly points: readonly HistogramPoint[];
  readonly createdAt: number;
}

/** A metric with all its series. */
export type Family = PlainFamily | CounterFamily | HistogramFamily;

/** The upper bounds of a histogram of seconds; probes time out after 3 s by default, and a first compilation takes longer. */
export const BOUNDS: readonly number[] = [
  0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30,
];

/** In which of the histogram's buckets a duration falls: an index of `BOUNDS`, or its length for anything longer. */
export function bucketOf(seconds: number): number {
  let at = 0;
  while (at < BOUNDS.length && seconds > (BOUNDS[at] ?? Number.POSITIVE_INFINITY)) at += 1;
  return at;
}

const PREFIX = 'pm2_liveness_';

/** A gauge; `name` without our prefix. */
export function gauge(name: string, help: string, points: readonly Point[]): PlainFamily {
  return { name: `${PREFIX}${name}`, help, type: 'gauge', points };
}

/** A counter from `createdAt` on; `name` without our prefix and without `_total`. */
export function counter(
  name: string,
  help: string,
  createdAt: number,
  points: readonly Point[],
): CounterFamily {
  return { name: `${PREFIX}${name}_total`, help, type: 'counter', createdAt, points };
}

const NO_LABELS = labelText({});

/** The one series of a value without labels; none for null. */
export function single(value: number | null): Point[] {
  return value === null ? [] : [{ labels: NO_LABELS, value }];
}
