import { closeSync, openSync, readdirSync, readlinkSync, readSync } from 'node:fs';
import { open } from 'node:fs/promises';
import { codeOf } from '../../errors.ts';
import type { Clock } from '../../time/clock.ts';
import { withTimeout } from '../../time/deadline.ts';

/** The most that is read in one piece. */
const PIECE_BYTES = 8_192;

/** After this many pieces of a long file others get their turn; some 1 ms. */
const PIECES_A_TURN = 8;

/** Longer than /proc/stat on a machine with hundreds of cores. */
const MAX_TEXT_LENGTH = 1_048_576;

/** We are out of something: what could not be read may be there all the same. */
const SHORTAGES: ReadonlySet<string | undefined> = new Set(['EMFILE', 'ENFILE', 'ENOMEM']);

/** How long the kernel may take to hand out a process's own memory before we go on without. */
const MEMORY_DEADLINE_MS = 1_000;

/**
 * Bounded reads below /proc; every failure is null, for processes vanish at any moment.
 *
 * What the kernel makes from its own tables (stat, status, fd, net) is read synchronously: that
 * never waits, and costs 7 µs a file where fs/promises costs 160 µs. `cmdline` and `environ` are
 * read out of the other process's memory: that waits for a lock which a process in trouble may hold
 * for ever (it is why `ps` hangs on sick machines). Those go one at a time, asynchronously and with
 * a deadline, so that a hung app takes at most one thread of ours with it.
 */
export class LinuxProc {
  readonly root: string;
  readonly #clock: Clock;
  readonly #piece = Buffer.alloc(PIECE_BYTES);
  #turn: Promise<unknown> = Promise.resolve();
  #isStuck = false;
  #shortages = 0;

  constructor(root: string, clock: Clock) {
    this.root = root;
    this.#clock = clock;
  }

  /**
   * A look that is all there: null where in the middle of it descriptors or memory ran out, for then
   * a process that could not be read would pass for one that is gone.
   */
  async complete<T>(look: () => Promise<T | null>): Promise<T | null> {
    const before = this.#shortages;
    const seen = await look();
    return this.#shortages === before ? seen : null;
  }

  /** All pids that show, or null when this is no /proc. */
  pids(): number[] | null {
    const names = this.names('.');
    return names && names.filter((name) => /^\d+$/.test(name)).map(Number);
  }

  /** The names in a folder. */
  names(path: string): string[] | null {
    try {
      return readdirSync(`${this.root}/${path}`);
    } catch (thrown) {
      this.#note(thrown);
      return null;
    }
  }

  /** Where a link points. */
  link(path: string): string | null {
    try {
      return readlinkSync(`${this.root}/${path}`);
    } catch (thrown) {
      this.#note(thrown);
      return null;
    }
  }

  /** A whole file, or its beginning. */
  text(path: string): string | null {
    let text = '';
    const isRead = this.eachPiece(path, (piece) => {
      text += piece;
      return text.length < MAX_TEXT_LENGTH;
    });
    return isRead ? text : null;
  }

  /** Hands out a file piece by piece until `take` says that it is enough; false: it cannot be read. */
  eachPiece(path: string, take: (piece: string) => boolean): boolean {
    let descriptor: number | undefined;
    try {
      descriptor = openSync(`${this.root}/${path}`, 'r');
      for (;;) {
        const length = readSync(descriptor, this.#piece, 0, PIECE_BYTES, null);
        if (length === 0 || !take(this.#piece.toString('utf8', 0, length))) return true;
      }
    } catch (thrown) {
      this.#note(thrown);
      return false;
    } finally {
      if (descriptor !== undefined) closeSync(descriptor);
    }
  }

  /** Like `eachPiece`, and lets others run in between: for files that may be long. */
  async eachPieceInTurns(path: string, take: (piece: string) => boolean): Promise<boolean> {
    let descriptor: number | undefined;
    try {
      descriptor = openSync(`${this.root}/${path}`, 'r');
      for (let pieces = 1; ; pieces += 1) {
        const length = readSync(descriptor, this.#piece, 0, PIECE_BYTES, null);
        if (length === 0 || !take(this.#piece.toString('utf8', 0, length))) return true;
        if (pieces % PIECES_A_TURN === 0) await new Promise((resolve) => setImmediate(resolve));
      }
    } catch (thrown) {
      this.#note(thrown);
      return false;
    } finally {
      if (descriptor !== undefined) closeSync(descriptor);
    }
  }

  /** A file out of a process's memory; null also when it is longer than `maxBytes` or does not come. */
  async memory(path: string, maxBytes: number): Promise<Buffer | null> {
    if (this.#isStuck) return null;
    const read = this.#turn.then(() =>
      this.#isStuck ? null : readAll(`${this.root}/${path}`, maxBytes),
    );
    this.#turn = read;
    const first = await withTimeout(read, MEMORY_DEADLINE_MS, 'late' as const, this.#clock);
    if (first !== 'late') return first;
    this.#isStuck = true;
    void this.#unstick(read);
    return null;
  }

  #note(thrown: unknown): void {
    if (SHORTAGES.has(codeOf(thrown))) this.#shortages += 1;
  }

  async #unstick(read: Promise<unknown>): Promise<void> {
    await read;
    this.#isStuck = false;
  }
}

/** Never rejects. */
async function readAll(path: string, maxBytes: number): Promise<Buffer | null> {
  try {
    const file = await open(path, 'r');
    try {
      const pieces: Buffer[] = [];
      for (let total = 0; total <= maxBytes;) {
        // One file, from front to back.
        const { bytesRead, buffer } = await file.read(Buffer.alloc(16_384), 0, 16_384, null);
        if (bytesRead === 0) return Buffer.concat(pieces);
        pieces.push(buffer.subarray(0, bytesRead));
        total += bytesRead;
      }
      return null;
    } finally {
      await file.close();
    }
  } catch {
    return null;
  }
}
