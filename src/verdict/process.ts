/** One run of one process: pm_id, pid and start time. No two runs share an id. */
export type IncarnationId = string;

/**
 * What PM2 says of the app; `transit` is PM2 at work (stopping, waiting to restart). `launching` is an
 * incarnation that PM2 waits for to say that it is ready; `stuck` is one that PM2 could not stop.
 */
export type ProcessStatus =
  | 'online'
  | 'launching'
  | 'transit'
  | 'stuck'
  | 'stopped'
  | 'errored'
  | 'gone';

/** What is known of the app's process: what PM2 says of it, and whether it has answered. */
export interface ProcessView {
  readonly status: ProcessStatus;
  readonly incarnation: IncarnationId | null;
  /** Monotonic time at which this incarnation began, as far as known. */
  readonly bornAt: number;
  /** Whether this incarnation has ever answered well. */
  readonly hasAnswered: boolean;
}

/** True where there is an incarnation that can be probed. */
export function isRunning(status: ProcessStatus): boolean {
  return status === 'online' || status === 'launching';
}

/** The incarnation that a restart would stop; null for an app that PM2 gave up. */
export function incarnationToEnd({ status, incarnation }: ProcessView): IncarnationId | null {
  return status === 'errored' ? null : incarnation;
}
