import type { Worker } from './worker.ts';

/** A thousand apps taken on at once are not asked in one burst: so many begin, the next so much later. */
const AT_ONCE = 10;
const APART_MS = 10;

/** The workers that one listing brought: started when all are known, so that none is told of before. */
export class Arrivals {
  readonly #workers: Pick<Worker, 'start'>[] = [];

  add(worker: Pick<Worker, 'start'>): void {
    this.#workers.push(worker);
  }

  startAll(): void {
    for (const [index, worker] of this.#workers.splice(0).entries()) {
      worker.start(Math.floor(index / AT_ONCE) * APART_MS);
    }
  }
}
