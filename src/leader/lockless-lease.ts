import { messageOf } from '../errors.ts';
import type { Clock } from '../time/clock.ts';
import type { Lease } from './lease.ts';

/** How often the lock is tried for again. */
const AGAIN_MS = 10_000;

/** What leading without the lock needs. */
export interface LocklessLeaseDeps {
  readonly path: string;
  /** Why there is no lock. */
  readonly why: string;
  /** One more try; null where another process has the lock. */
  readonly again: () => Promise<Lease | null>;
  readonly clock: Clock;
  /** Told once, when the lock was got after all. */
  readonly tellLocked: () => void;
}

/**
 * Leading although no lock can be had: the folder is read-only, full, or not ours. Apps that nobody
 * watches are the worse failure (DESIGN §8: a full disk costs history, never supervision), while a
 * second monitor is rare and what two of them can do is bounded, for each has its own budget. Nor
 * does it happen beside a leader that lives: to see one nothing needs to be written. So we go on,
 * say so, and try again: with the lock we lead as any other, and if another has it we are lost.
 */
export class LocklessLease implements Lease {
  readonly path: string;
  readonly #ports: LocklessLeaseDeps;
  readonly #lost = new AbortController();
  readonly #released = new AbortController();
  #held: Lease | null = null;
  #why: string;

  constructor(ports: LocklessLeaseDeps) {
    this.path = ports.path;
    this.#ports = ports;
    this.#why = ports.why;
    void this.#guard();
  }

  get lost(): AbortSignal {
    return this.#lost.signal;
  }

  get trouble(): string | null {
    return this.#held ? this.#held.trouble : this.#why;
  }

  check(): Promise<boolean> {
    return this.#held?.check() ?? Promise.resolve(!this.#lost.signal.aborted);
  }

  async release(): Promise<void> {
    this.#released.abort();
    await this.#held?.release();
  }

  async #guard(): Promise<void> {
    const { clock, again } = this.#ports;
    while (!this.#held && !this.#lost.signal.aborted) {
      await clock.sleep(AGAIN_MS, this.#released.signal);
      if (this.#released.signal.aborted) return;
      try {
        await this.#adopt(await again());
      } catch (error) {
        this.#why = messageOf(error);
      }
    }
  }

  async #adopt(held: Lease | null): Promise<void> {
    if (held === null) return this.#lost.abort();
    if (this.#released.signal.aborted) return held.release();
    this.#held = held;
    if (held.lost.aborted) return this.#lost.abort();
    held.lost.addEventListener('abort', () => this.#lost.abort(), { once: true });
    this.#ports.tellLocked();
  }
}
