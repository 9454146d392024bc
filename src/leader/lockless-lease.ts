import { messageOf } from '../errors.ts';
import type { Clock } from '../time/clock.ts';
import type { Lease } from './lease.ts';

/** How often we try again to get the lock. */
const AGAIN_MS = 10_000;

/** Why we lead without the lock, and how to try again. */
interface LocklessLeaseDeps {
  readonly path: string;
  /** Why there is no lock. */
  readonly reason: string;
  /** Tries once more; null where another process has the lock. */
  readonly again: () => Promise<Lease | null>;
  readonly clock: Clock;
  /** Called once, when we have got the lock. */
  readonly tellLocked: () => void;
}

/**
 * Leads without a lock where none can be got: the folder is read-only, full, or not ours. Apps without a
 * monitor would be worse (DESIGN §8: a full disk costs history, never supervision). A second monitor is rare,
 * and what two can do is bounded, because each has its own budget. It never happens beside a live leader,
 * because to see one nothing must be written. So we lead, report it, and try again: with the lock we lead as
 * usual, and where another process has it we stop.
 */
export class LocklessLease implements Lease {
  readonly path: string;
  readonly #deps: LocklessLeaseDeps;
  readonly #lost = new AbortController();
  readonly #released = new AbortController();
  #held: Lease | null = null;
  #reason: string;

  constructor(deps: LocklessLeaseDeps) {
    this.path = deps.path;
    this.#deps = deps;
    this.#reason = deps.reason;
    void this.#guard();
  }

  get lost(): AbortSignal {
    return this.#lost.signal;
  }

  get trouble(): string | null {
    return this.#held ? this.#held.trouble : this.#reason;
  }

  check(): Promise<boolean> {
    return this.#held?.check() ?? Promise.resolve(!this.#lost.signal.aborted);
  }

  async release(): Promise<void> {
    this.#released.abort();
    await this.#held?.release();
  }

  async #guard(): Promise<void> {
    const { clock, again } = this.#deps;
    while (!this.#held && !this.#lost.signal.aborted) {
      await clock.sleep(AGAIN_MS, this.#released.signal);
      if (this.#released.signal.aborted) return;
      try {
        await this.#adopt(await again());
      } catch (error) {
        this.#reason = messageOf(error);
      }
    }
  }

  async #adopt(held: Lease | null): Promise<void> {
    if (held === null) return this.#lost.abort();
    if (this.#released.signal.aborted) return held.release();
    this.#held = held;
    if (held.lost.aborted) return this.#lost.abort();
    held.lost.addEventListener('abort', () => this.#lost.abort(), { once: true });
    this.#deps.tellLocked();
  }
}
