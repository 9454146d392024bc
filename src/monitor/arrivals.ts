import type { Worker } from './worker/worker.ts';

/** A thousand apps taken on at once are not asked in one burst: so many begin, the next so much later. */
const AT_ONCE = 10;
const APART_MS = 10;

/** One who is to be started. */
export interface Arrival {
  readonly worker: Pick<Worker, 'start'>;
  readonly inMs: number;
}

/** The workers that one listing brought: started when all are known, so that none is told of before. */
export class Arrivals {
  readonly #workers: Pick<Worker, 'start'>[] = [];

  add(worker: Pick<Worker, 'start'>): void {
    this.#workers.push(worker);
  }

  /** All that are to be started, each once. */
  take(): Arrival[] {
    return this.#workers
      .splice(0)
      .map((worker, index) => ({ worker, inMs: Math.floor(index / AT_ONCE) * APART_MS }));
  }
}
