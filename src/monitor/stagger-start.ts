import type { Worker } from './worker/worker.ts';

/** A thousand new apps are not probed in one burst: this many begin at once, the next this much later. */
const AT_ONCE = 10;
const APART_MS = 10;

/** A worker, and how long to wait before it starts. */
export interface StaggeredStart {
  readonly worker: Pick<Worker, 'start'>;
  readonly inMs: number;
}

/** When each of the workers that one listing brought starts. */
export function staggerStart(workers: readonly Pick<Worker, 'start'>[]): StaggeredStart[] {
  return workers.map((worker, index) => ({
    worker,
    inMs: Math.floor(index / AT_ONCE) * APART_MS,
  }));
}
