import type { FailureClass } from '../../probe/probe.ts';

/**
 * Why a target was not well: a class of failure, `errored` (PM2 gave it up), `startup` (it never came
 * up), `flapping`, or `unstable` (PM2 restarts it again and again).
 */
export type IncidentCause = FailureClass | 'errored' | 'startup' | 'flapping' | 'unstable';

/** True for an incident that goes on while the app is well in between: flapping, unstable. */
export function isLasting(incident: Incident | null): boolean {
  return incident?.cause === 'flapping' || incident?.cause === 'unstable';
}

/** A time in which a target was not well. Times are monotonic milliseconds. */
export interface Incident {
  /** The first bad sign. */
  readonly openedAt: number;
  /** When it was proven. */
  readonly detectedAt: number;
  readonly cause: IncidentCause;
  readonly detail: string;
  /** How many restarts of ours it has had so far. */
  readonly restarts: number;
}

/**
 * How an incident ended: the app answers again, a more severe incident replaced this one (`worse`), or
 * the app is no longer judged.
 */
export type IncidentEnd =
  | 'recovered'
  | 'worse'
  | 'stopped'
  | 'deleted'
  | 'unwatched'
  | 'paused'
  | 'debugged';
