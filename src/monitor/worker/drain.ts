import { LightAbortController } from '../../time/light-abort.ts';
import type { WorkerDeps } from './worker-deps.ts';

/** Between two looks whether the restart slot is free. */
const LOOK_MS = 1_000;

/**
 * The wait of one restart before it is issued, in which a load balancer moves (docs/HTTP.md). It holds no other
 * app's restart; after it the restart waits for its place among those in flight.
 */
export class Drain {
  readonly #deps: Pick<WorkerDeps, 'clock' | 'slot'>;
  readonly #end = new LightAbortController();

  constructor(deps: Pick<WorkerDeps, 'clock' | 'slot'>) {
    this.#deps = deps;
  }

  /** Resolves after `ms` with a free slot, to true; to false as soon as it is called off. Never rejects. */
  async wait(ms: number): Promise<boolean> {
    const { clock, slot } = this.#deps;
    slot.drain(clock.now());
    await clock.sleep(ms, this.#end);
    // Bounded by the deadline of the state `restarting`, at which it is called off.
    while (!this.#end.aborted && clock.now() < slot.freeForDrained()) {
      await clock.sleep(LOOK_MS, this.#end);
    }
    return !this.#end.aborted;
  }

  /** Idempotent. */
  callOff(): void {
    this.#end.abort();
  }
}
