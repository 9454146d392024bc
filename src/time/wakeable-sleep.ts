import type { Clock } from './clock.ts';
import { LightAbortController } from './light-abort.ts';

/** A sleep that `wake` ends early. A wake without a sleep ends the next sleep at once. */
export class WakeableSleep {
  #isWoken = false;
  #sleeping: LightAbortController | null = null;

  async sleep(ms: number, clock: Clock): Promise<void> {
    this.#sleeping = new LightAbortController();
    // Always at least one turn of the event loop, so that a loop that is woken again and again does not block
    // others.
    await clock.sleep(this.#isWoken ? 0 : Math.max(0, ms), this.#sleeping);
    this.#sleeping = null;
    this.#isWoken = false;
  }

  wake(): void {
    this.#isWoken = true;
    this.#sleeping?.abort();
  }
}
