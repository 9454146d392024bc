import type { RestartCause } from '../../verdict/incident/unstable.ts';

/** A new incarnation of an app, and why PM2 began it. */
export interface ObservedRestart {
  readonly pmId: number;
  /** When the incarnation began, in wall milliseconds by PM2's clock. */
  readonly at: number;
  readonly cause: RestartCause;
  /** For a person. */
  readonly detail: string;
  /** How many restarts this stands for; more than 1 only where they were not seen one by one. */
  readonly count: number;
}

/** This many are kept of each target. */
export const MOST_RESTARTS_KEPT = 20;
