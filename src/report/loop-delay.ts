/** How late an app's event loop was in the last minute, in milliseconds. */
export interface LoopDelayFigures {
  readonly p50Ms: number;
  readonly p99Ms: number;
  readonly maxMs: number;
}
