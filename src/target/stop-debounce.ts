import type { Observation } from './observation.ts';

/** An app that crashes is `stopped` or given up in PM2's list for a moment before PM2 starts it again. */
const STABLE_MS = 500;

/** Distinguishes a lasting stop from one within PM2's own restart. */
export class StopDebounce {
  readonly #since = new Map<number, number>();
  /** The pm_ids that the operator stopped and has not started since. */
  readonly #stopped = new Set<number>();

  /** The observation to believe now: a fresh `stopped` or `errored` is `transit` until it has lasted. */
  pass(observation: Observation, now: number): Observation {
    const { pmId, status } = observation;
    if (status === 'online' || status === 'launching') this.#stopped.delete(pmId);
    // PM2 calls a process errored that did not exit in time, but the operator's stop still holds.
    const isEnd = status === 'stuck' || status === 'errored';
    if (isEnd && this.#stopped.has(pmId)) return { ...observation, status: 'stopped' };
    if (status !== 'stopped' && status !== 'errored') {
      this.#since.delete(pmId);
      return observation;
    }
    const since = this.#since.get(pmId) ?? now;
    this.#since.set(pmId, since);
    return now - since >= STABLE_MS ? observation : { ...observation, status: 'transit' };
  }

  /** Believes a stop at once, because the operator made it. */
  believe(pmId: number): void {
    this.#since.set(pmId, Number.NEGATIVE_INFINITY);
    this.#stopped.add(pmId);
  }

  /** True for an app that the operator stopped, as PM2 said on its bus, and has not started since. */
  isByOperator(pmId: number): boolean {
    return this.#stopped.has(pmId);
  }

  /** True while a stop is not believed yet: read the list again soon. */
  isPending(now: number): boolean {
    return [...this.#since.values()].some((since) => now - since < STABLE_MS);
  }

  forget(pmId: number): void {
    this.#since.delete(pmId);
    this.#stopped.delete(pmId);
  }
}
