import type { FailureClass } from '../../probe/probe.ts';

/** Why a target was not well: a class of failure, PM2 gave it up, it never came up, or it is now well and now not. */
export type IncidentCause = FailureClass | 'errored' | 'startup' | 'flapping';

/** One stretch of time in which a target was known not to be well. Times are monotonic. */
export interface Incident {
  /** The first bad sign. */
  readonly openedAt: number;
  /** When the verdict was sure. */
  readonly detectedAt: number;
  readonly cause: IncidentCause;
  readonly detail: string;
  /** How many restarts of ours it has cost so far. */
  readonly restarts: number;
}

/** How an incident ended: the app answers again, is no longer ours to judge, or a graver one took its place. */
export type IncidentEnd = 'recovered' | 'worse' | 'stopped' | 'deleted' | 'paused' | 'debugged';
