import type { Observation } from './observation.ts';

/** An app that crashes is `stopped` or given up in PM2's list for a moment before PM2 starts it again. */
const STABLE_MS = 500;

/** Distinguishes a lasting stop from one within PM2's own restart. */
export class StopDebounce {
  readonly #since = new Map<number, number>();
  /** When the operator stopped those that nobody has started since, by pm_id. */
  readonly #stopped = new Map<number, number>();

  /** Takes over that PM2 had started the app in a list that was requested at `askedAt`. */
  started(pmId: number, askedAt: number): void {
    const stoppedAt = this.#stopped.get(pmId);
    // PM2 may have made the list before the stop that was heard of first.
    if (stoppedAt !== undefined && askedAt > stoppedAt) this.#stopped.delete(pmId);
  }

  /** The observation to believe now: a fresh `stopped` or `errored` is `transit` until it has lasted. */
  pass(observation: Observation, now: number): Observation {
    const { pmId, status } = observation;
    // PM2 calls a process errored that did not exit in time, but the operator's stop still holds.
    const isEnd = status === 'stopped' || status === 'stuck' || status === 'errored';
    if (isEnd && this.#stopped.has(pmId)) return { ...observation, status: 'stopped' };
    if (status !== 'stopped' && status !== 'errored') {
      this.#since.delete(pmId);
      return observation;
    }
    const since = this.#since.get(pmId) ?? now;
    this.#since.set(pmId, since);
    return now - since >= STABLE_MS ? observation : { ...observation, status: 'transit' };
  }

  /** Believes a stop at once, because the operator made it; PM2 said so on its bus at `heardAt`. */
  believe(pmId: number, heardAt: number): void {
    this.#stopped.set(pmId, heardAt);
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
