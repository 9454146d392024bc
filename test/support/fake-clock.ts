import type { Clock } from '../../src/time/clock.ts';

/** A clock that moves only when the test moves it; both of its times move separately. */
export class FakeClock implements Clock {
  monotonic = 1_000;
  wallTime = 1_700_000_000_000;
  #sleepers: { at: number; wake: () => void }[] = [];

  now(): number {
    return this.monotonic;
  }

  wall(): number {
    return this.wallTime;
  }

  sleep(ms: number, signal?: AbortSignal): Promise<void> {
    return new Promise((resolve) => {
      if (signal?.aborted) return resolve();
      const wake = (): void => {
        signal?.removeEventListener('abort', wake);
        resolve();
      };
      this.#sleepers.push({ at: this.monotonic + ms, wake });
      signal?.addEventListener('abort', wake, { once: true });
    });
  }

  /** Lets time pass on both clocks, and ends the sleeps that are due, in order. */
  async pass(ms: number): Promise<void> {
    this.monotonic += ms;
    this.wallTime += ms;
    const due = this.#sleepers.filter(({ at }) => at <= this.monotonic);
    this.#sleepers = this.#sleepers.filter(({ at }) => at > this.monotonic);
    for (const { wake } of due.toSorted((a, b) => a.at - b.at)) wake();
    await new Promise((resolve) => setImmediate(resolve));
  }
}
