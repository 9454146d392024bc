import { withTimeout } from '../time/deadline.ts';
import { messageOf } from '../errors.ts';
import type { Clock } from '../time/clock.ts';

/** How long changes are collected before they are written. */
const GATHER_MS = 1_000;

/** A disk that takes longer (a dead network share) must not delay a restart. */
const SAVE_DEADLINE_MS = 2_000;

/** The clock of a saver, its write, and where it reports. */
interface SaverDeps {
  readonly clock: Clock;
  /** Writes what is known at the time of the call. */
  readonly write: () => Promise<void>;
  /** Called at every change of `trouble`. */
  readonly tell: (trouble: string | null) => void;
}

/** Writes the newest state: collects changes, runs one write at a time, and reports failures. */
export class Saver {
  readonly #deps: SaverDeps;
  readonly #stopping = new AbortController();
  #writing: Promise<void> | null = null;
  /** The write after the present one, shared by all callers that came meanwhile. */
  #next: Promise<void> | null = null;
  #isGathering = false;
  #trouble: string | null = null;

  constructor(deps: SaverDeps) {
    this.#deps = deps;
  }

  /** Why nothing can be saved at present; null while it can be. */
  get trouble(): string | null {
    return this.#trouble;
  }

  /** Writes soon, because something changed. */
  scheduleSave(): void {
    if (this.#isGathering || this.#stopping.signal.aborted) return;
    this.#isGathering = true;
    void this.#gather();
  }

  /** Resolves to true when all that was known at the call is on disk, to false where that failed. */
  async flush(): Promise<boolean> {
    if (this.#stopping.signal.aborted) return false;
    const isOver = await this.#inTime(this.#write());
    if (!isOver) this.#found(`the disk did not answer within ${SAVE_DEADLINE_MS} ms`);
    return isOver && this.#trouble === null;
  }

  /** Notes a failure that was found elsewhere: nothing is kept until a write succeeds. */
  fail(reason: string): void {
    this.#found(reason);
    this.scheduleSave();
  }

  /** Starts no more writes; resolves when the present one is over. */
  async stop(): Promise<void> {
    this.#stopping.abort();
    if (this.#writing) await this.#inTime(this.#writing);
  }

  /** Waits for a write, which never rejects, up to the deadline; false where the deadline came first. */
  #inTime(write: Promise<void>): Promise<boolean> {
    return withTimeout(
      write.then(() => true),
      SAVE_DEADLINE_MS,
      false,
      this.#deps.clock,
    );
  }

  async #gather(): Promise<void> {
    await this.#deps.clock.sleep(GATHER_MS, this.#stopping.signal);
    this.#isGathering = false;
    if (!this.#stopping.signal.aborted) await this.#write();
  }

  /** A write that begins after this call, because the present one may lack the newest state. */
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
      await this.#deps.write();
      this.#found(null);
    } catch (error) {
      this.#found(messageOf(error));
      // Tried again without a change, so that the state is on disk soon after the disk works again: the next
      // change may come much later, and a monitor that exits before it would forget the state.
      this.scheduleSave();
    }
  }

  #found(trouble: string | null): void {
    if (trouble === this.#trouble) return;
    this.#trouble = trouble;
    this.#deps.tell(trouble);
  }
}
