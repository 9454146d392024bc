/** Identifies one run of one process: pm_id, pid and start time. No two runs share an id. */
export type IncarnationId = string;

/**
 * What PM2 says of the app. `transit`: PM2 is at work (stopping it, waiting to restart it). `launching`:
 * PM2 waits for the ready message of the incarnation. `stuck`: PM2 could not stop the incarnation. `lost`:
 * PM2 could not start it, runs no process for it, and does nothing more about it. `gone`: PM2 has it no more.
 * `unwatched`: PM2 has it as before, but no block is in force for it any more.
 */
export type ProcessStatus =
  | 'online'
  | 'launching'
  | 'transit'
  | 'stuck'
  | 'lost'
  | 'stopped'
  | 'errored'
  | 'gone'
  | 'unwatched';

/** Why PM2 could not start an app. */
export interface LostEvidence {
  /** A sentence for people. */
  readonly detail: string;
  /** The path without which no start can work, or several (`/a and /b`); null where none is known to be missing. */
  readonly missing: string | null;
  /** PM2 can neither start, stop nor delete it any more: each call hangs. Absent for any other. */
  readonly isDeadEnd?: true;
}

/** What is known of the app's process, from PM2 and from its answers. */
export interface ProcessView {
  readonly status: ProcessStatus;
  readonly incarnation: IncarnationId | null;
  /** When this incarnation began: monotonic milliseconds, as far as known. */
  readonly bornAt: number;
  /** Whether this incarnation has ever answered well. */
  readonly hasAnswered: boolean;
  /** Why PM2 could not start it; with the status `lost` alone. */
  readonly lost?: LostEvidence;
}

/** True where there is an incarnation that can be probed. */
export function isRunning(status: ProcessStatus): boolean {
  return status === 'online' || status === 'launching';
}

/** The incarnation that a restart would stop; null for an app that PM2 gave up or lost. */
export function incarnationToEnd({ status, incarnation }: ProcessView): IncarnationId | null {
  return status === 'errored' || status === 'lost' ? null : incarnation;
}
