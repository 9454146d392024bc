/** One life of one process: pm_id, pid and start time. Two lives never share one. */
export type IncarnationId = string;

/**
 * What PM2 says of the app; `transit` is PM2 at work (stopping, waiting to restart). `launching` is a
 * life that runs and of which PM2 waits to hear that it is ready; `stuck` one that PM2 could not end.
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
  /** Monotonic time at which this life began, as far as known. */
  readonly bornAt: number;
  /** Whether this life has ever answered well. */
  readonly hasAnswered: boolean;
}

/** True where there is a life that can be asked. */
export function isRunning(status: ProcessStatus): boolean {
  return status === 'online' || status === 'launching';
}

/** The life that a restart would end; null for an app that PM2 gave up. */
export function incarnationToEnd({ status, incarnation }: ProcessView): IncarnationId | null {
  return status === 'errored' ? null : incarnation;
}
