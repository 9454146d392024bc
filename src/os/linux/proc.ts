import { closeSync, openSync, readdirSync, readlinkSync, readSync } from 'node:fs';
import { open } from 'node:fs/promises';
import { codeOf } from '../../errors.ts';
import type { Clock } from '../../time/clock.ts';
import { withTimeout } from '../../time/deadline.ts';

/** The size of one piece. */
const PIECE_BYTES = 8_192;

/** After this many pieces of a long file the event loop gets a turn; about 1 ms. */
const PIECES_A_TURN = 8;

/** More than /proc/stat has on a machine with hundreds of cores. */
const MAX_TEXT_LENGTH = 1_048_576;

/** Errors of a shortage: what could not be read may exist. */
const SHORTAGES: ReadonlySet<string | undefined> = new Set(['EMFILE', 'ENFILE', 'ENOMEM']);

/** How long the kernel may take to read a process's memory, before we go on without it. */
const MEMORY_DEADLINE_MS = 1_000;

/**
 * Bounded reads below /proc. Every failure is null, because processes can exit at any moment.
 *
 * Files that the kernel makes from its own tables (stat, status, fd, net) are read synchronously: such a read
 * never waits, and costs 7 µs a file (160 µs with fs/promises). `cmdline` and `environ` come from the memory
 * of the other process: such a read waits for a lock, which a hung process may hold forever (therefore `ps`
 * can hang). These reads go one at a time, asynchronously and with a deadline, so that a hung app blocks at
 * most one thread of ours.
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
   * Runs `look`. Null where descriptors or memory ran out during it, because then a process that could not be
   * read would seem gone.
   */
  async complete<T>(look: () => Promise<T | null>): Promise<T | null> {
    const before = this.#shortages;
    const seen = await look();
    return this.#shortages === before ? seen : null;
  }

  /** All visible pids; null where this is no /proc. */
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

  /** The target of a link. */
  link(path: string): string | null {
    try {
      return readlinkSync(`${this.root}/${path}`);
    } catch (thrown) {
      this.#note(thrown);
      return null;
    }
  }

  /** The text of a file, up to 1 MiB. */
  text(path: string): string | null {
    let text = '';
    const isRead = this.eachPiece(path, (piece) => {
      text += piece;
      return text.length < MAX_TEXT_LENGTH;
    });
    return isRead ? text : null;
  }

  /**
   * Gives a file to `take` piece by piece until that returns false; returns false where the file cannot be
   * read.
   */
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

  /** Does what `eachPiece` does for long files, with turns of the event loop in between. */
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

  /** A file from a process's memory; null also where it is longer than `maxBytes` or takes too long. */
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
        // One file, read in order.
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
