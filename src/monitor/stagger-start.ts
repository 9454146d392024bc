import type { Worker } from './worker/worker.ts';

/**
 * A thousand new apps are not probed in one burst: this many begin at once, the next ones this much later.
 */
const AT_ONCE = 10;
const APART_MS = 10;

/** A worker, and after how many milliseconds it starts. */
interface StaggeredStart {
  readonly worker: Pick<Worker, 'start'>;
  readonly inMs: number;
}

/** Spreads the starts of the workers that one reading of PM2's list brought. */
export function staggerStart(workers: readonly Pick<Worker, 'start'>[]): StaggeredStart[] {
  return workers.map((worker, index) => ({
    worker,
    inMs: Math.floor(index / AT_ONCE) * APART_MS,
  }));
}
