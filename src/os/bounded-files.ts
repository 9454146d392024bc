import { constants } from 'node:fs';
import { open, realpath, stat } from 'node:fs/promises';
import { sep } from 'node:path';
import type { Clock } from '../time/clock.ts';
import { codeOf } from '../errors.ts';
import { withPatientTimeout, withTimeout } from '../time/deadline.ts';
import { readLogTail, sizeOf, type LogTail } from './log-tail.ts';

/** What is at a path. `stamp` is another one as soon as the file was saved, replaced or put there. */
export interface PathMark {
  readonly kind: 'file' | 'folder' | 'other' | 'missing';
  readonly stamp: string;
  /** When it was last written, moved there or given other rights; wall milliseconds, 0 where nothing is. */
  readonly changedAt: number;
}

/** How long a look may take: a file system over the network may never answer. */
const LOOK_MS = 1_000;

/** Node has four threads for files and names; no more than this many wait for a file system here. */
const MOST_AT_ONCE = 2;

/** What is opened must not make us wait, as a pipe without a writer would. */
const FLAGS = constants.O_RDONLY | (constants.O_NONBLOCK ?? 0);

/** What the parts of a path say about the file system that it is on: `/mnt/nfs`. */
const PARTS = 3;

const MISSING: PathMark = { kind: 'missing', stamp: '', changedAt: 0 };

/**
 * Looks at files of apps with a deadline. Never throws; null is "cannot tell". A file system that hangs
 * costs one thread, and is left alone until it answers.
 */
export class BoundedFiles {
  readonly #clock: Clock;
  /** Where a look is late. */
  readonly #hanging = new Set<string>();
  readonly #waiting: (() => void)[] = [];
  #running = 0;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** What is at `path`, links followed. */
  mark(path: string): Promise<PathMark | null> {
    return this.look(path, () => markOf(path));
  }

  /** Where `path` leads with all links resolved. */
  target(path: string): Promise<string | null> {
    return this.look(path, () => realpath(path));
  }

  /** The text of a regular file, or of its last `mostBytes`. */
  text(path: string, mostBytes: number): Promise<string | null> {
    return this.look(path, () => endOf(path, mostBytes));
  }

  /** The end of a log, see `readLogTail`. */
  logTail(path: string, mostLines?: number, from?: number): Promise<LogTail | null> {
    return this.look(path, () => readLogTail(path, mostLines, from));
  }

  /** The bytes of a file; 0 where it is missing or cannot be read. */
  size(path: string): Promise<number | null> {
    return this.look(path, () => sizeOf(path));
  }

  /** What else is to be found out at `path`, one call after the other. */
  async look<Value>(path: string, look: () => Promise<Value>): Promise<Value | null> {
    const place = path.split(sep, PARTS).join(sep);
    if (this.#hanging.has(place) || !(await this.#enter())) return null;
    if (this.#hanging.has(place)) {
      this.#leave();
      return null;
    }
    let isOver = false;
    const answer = look()
      .catch(() => null)
      .finally(() => {
        isOver = true;
        this.#hanging.delete(place);
        this.#leave();
      });
    const seen = await withPatientTimeout(answer, LOOK_MS, null, this.#clock);
    if (!isOver) this.#hanging.add(place);
    return seen;
  }

  /** False where nobody left within the time of a look. */
  async #enter(): Promise<boolean> {
    if (this.#running < MOST_AT_ONCE) {
      this.#running += 1;
      return true;
    }
    let begin = (): void => undefined;
    const turn = new Promise<true>((resolve) => {
      begin = () => resolve(true);
    });
    this.#waiting.push(begin);
    if (await withTimeout(turn, LOOK_MS, false, this.#clock)) return true;
    const index = this.#waiting.indexOf(begin);
    // Its turn came at the very end of its time.
    if (index === -1) return true;
    this.#waiting.splice(index, 1);
    return false;
  }

  /** The place goes to the first that waits for one. */
  #leave(): void {
    const next = this.#waiting.shift();
    if (next === undefined) this.#running -= 1;
    else next();
  }
}

async function markOf(path: string): Promise<PathMark> {
  try {
    const found = await stat(path);
    const { ino, size, mtimeMs, ctimeMs } = found;
    const kind = found.isFile() ? 'file' : found.isDirectory() ? 'folder' : 'other';
    return { kind, stamp: `${ino} ${size} ${mtimeMs}`, changedAt: Math.max(mtimeMs, ctimeMs) };
  } catch (error) {
    const code = codeOf(error);
    if (code === 'ENOENT' || code === 'ENOTDIR') return MISSING;
    throw error;
  }
}

async function endOf(path: string, mostBytes: number): Promise<string | null> {
  const file = await open(path, FLAGS);
  try {
    const facts = await file.stat();
    if (!facts.isFile()) return null;
    const length = Math.min(facts.size, mostBytes);
    const from = facts.size - length;
    const { buffer, bytesRead } = await file.read(Buffer.alloc(length), 0, length, from);
    return buffer.toString('utf8', 0, bytesRead);
  } finally {
    await file.close();
  }
}
