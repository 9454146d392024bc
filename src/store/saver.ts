import { withTimeout } from '../time/deadline.ts';
import { messageOf } from '../errors.ts';
import type { Clock } from '../time/clock.ts';

/** How long changes are gathered before they are written. */
const GATHER_MS = 1_000;

/** A disk that takes longer (a dead network share) must not hold up a restart. */
const SAVE_DEADLINE_MS = 2_000;

/** What the saver needs. */
export interface SaverDeps {
  readonly clock: Clock;
  /** Writes what is known at the time of the call. */
  readonly write: () => Promise<void>;
  /** Hears of every change of `trouble`. */
  readonly tell: (trouble: string | null) => void;
}

/** Writes the newest state: gathered, one write at a time, and told how it goes. */
export class Saver {
  readonly #ports: SaverDeps;
  readonly #stopping = new AbortController();
  #writing: Promise<void> | null = null;
  /** The one write that follows the present one; everyone who asked meanwhile shares it. */
  #next: Promise<void> | null = null;
  #isGathering = false;
  #trouble: string | null = null;

  constructor(ports: SaverDeps) {
    this.#ports = ports;
  }

  /** Why nothing is kept at present; null while all is well. */
  get trouble(): string | null {
    return this.#trouble;
  }

  /** Something changed: it is written soon. */
  scheduleSave(): void {
    if (this.#isGathering || this.#stopping.signal.aborted) return;
    this.#isGathering = true;
    void this.#gather();
  }

  /** Resolves when all that was known at the call is on disk, or in vain; true for on disk. */
  async flush(): Promise<boolean> {
    if (this.#stopping.signal.aborted) return false;
    const isOver = await this.#inTime(this.#write());
    if (!isOver) this.#found(`the disk did not answer within ${SAVE_DEADLINE_MS} ms`);
    return isOver && this.#trouble === null;
  }

  /** The disk was found not to answer by someone else: nothing is kept until a write succeeds. */
  fail(reason: string): void {
    this.#found(reason);
    this.scheduleSave();
  }

  /** No write begins any more; resolves when the present one is over. */
  async stop(): Promise<void> {
    this.#stopping.abort();
    if (this.#writing) await this.#inTime(this.#writing);
  }

  /** Waits for a write, which never rejects, up to the deadline; false where that came first. */
  #inTime(write: Promise<void>): Promise<boolean> {
    return withTimeout(
      write.then(() => true),
      SAVE_DEADLINE_MS,
      false,
      this.#ports.clock,
    );
  }

  async #gather(): Promise<void> {
    await this.#ports.clock.sleep(GATHER_MS, this.#stopping.signal);
    this.#isGathering = false;
    if (!this.#stopping.signal.aborted) await this.#write();
  }

  /** A write that begins after this call: the present one may have missed the newest. */
  #write(): Promise<void> {
    if (!this.#writing) return this.#begin();
    this.#next ??= this.#writing.then(() => {
      this.#next = null;
      return this.#begin();
    });
    return this.#next;
  }

  #begin(): Promise<void> {
    this.#writing = this.#attempt().finally(() => {
      this.#writing = null;
    });
    return this.#writing;
  }

  async #attempt(): Promise<void> {
    if (this.#stopping.signal.aborted) return;
    try {
      await this.#ports.write();
      this.#found(null);
    } catch (error) {
      this.#found(messageOf(error));
      // Tried again by itself, so that a disk that takes it again has it at once: the next change
      // may be far, and a monitor that ends before it would forget.
      this.scheduleSave();
    }
  }

  #found(trouble: string | null): void {
    if (trouble === this.#trouble) return;
    this.#trouble = trouble;
    this.#ports.tell(trouble);
  }
}
