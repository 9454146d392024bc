import { messageOf } from '../errors.ts';
import type { Clock } from '../time/clock.ts';
import { DiskQueue } from '../time/disk-queue.ts';
import { notOursReason } from './document.ts';
import { inFile, setAside, systemFiles, type Files } from './files.ts';
import {
  appendJournal,
  FILE_BYTES,
  JOURNAL_AGES,
  journalPath,
  readJournal,
} from './journal-files.ts';
import { parseJournalLine, type JournalLine } from './journal-line.ts';
import { Saver } from './saver.ts';

/** What the journal needs. */
export interface JournalDeps {
  /** PM2_HOME/pm2-liveness. */
  readonly dir: string;
  readonly clock: Clock;
  readonly files?: Files;
  /** All that is done to this disk stands in it. */
  readonly disk?: DiskQueue;
  /** Hears why nothing can be written, and null when it can again. */
  readonly tell?: (trouble: string | null) => void;
}

/** A journal, with what stood in it and what was wrong. */
export interface OpenedJournal {
  readonly journal: Journal;
  /** The oldest first. */
  readonly lines: readonly JournalLine[];
  readonly warning: string | null;
  /** Nothing could be read: the warning is over when the folder can be used again. */
  readonly isUnread: boolean;
}

/** This many lines wait for a disk that takes none; older ones are lost. */
const MOST_WAITING = 1_000;

/**
 * The incident journal (DESIGN §8): JSON lines, only ever added to, in files of at most a mebibyte of
 * which the newest four are kept. One writer, who holds the lock.
 */
export class Journal {
  readonly #options: Required<JournalDeps>;
  readonly #saver: Saver;
  #waiting: string[] = [];

  private constructor(options: Required<JournalDeps>) {
    this.#options = options;
    const { clock, tell } = options;
    this.#saver = new Saver({ clock, write: () => this.#write(), tell });
  }

  /** Reads what there is. Never throws: a file that is not ours is set aside, with a warning. */
  static async open(given: JournalDeps): Promise<OpenedJournal> {
    const disk = new DiskQueue(given.clock);
    const options = { files: systemFiles, disk, tell: () => undefined, ...given };
    const lines: JournalLine[] = [];
    const warnings: string[] = [];
    const journal = new Journal(options);
    const trouble = await options.disk
      .run(() => notOursReason(options.dir, options.files))
      .catch((error: unknown) => `${journalPath(options.dir, 0)}: ${messageOf(error)}`);
    if (trouble !== null) {
      const warning = `${trouble}; what the journal says is not known`;
      return { journal, lines, warning, isUnread: true };
    }
    for (const age of JOURNAL_AGES) {
      const read = await readInTime(journalPath(options.dir, age), options);
      if (typeof read === 'string') warnings.push(read);
      else lines.push(...read);
    }
    const warning = warnings.length > 0 ? warnings.join('; ') : null;
    return { journal, lines, warning, isUnread: false };
  }

  /** Adds a line; it is on disk a second later, or after `flush`. */
  append(line: JournalLine): void {
    this.#waiting.push(`${JSON.stringify(line)}\n`);
    if (this.#waiting.length > MOST_WAITING) this.#waiting.shift();
    this.#saver.scheduleSave();
  }

  /** Why nothing can be written; null while all is well. */
  get trouble(): string | null {
    return this.#saver.trouble;
  }

  /** Resolves when all lines are on disk, or cannot be; after two seconds at most. Never throws. */
  async flush(): Promise<void> {
    await this.#saver.flush();
  }

  /** Writes what is left, and ends. Idempotent; never throws. */
  async close(): Promise<void> {
    if (this.#waiting.length > 0) await this.#saver.flush();
    await this.#saver.stop();
  }

  /** Ends without another write: the files belong to the next holder of the lock. */
  async abandon(): Promise<void> {
    await this.#saver.stop();
  }

  async #write(): Promise<void> {
    const { dir, files, clock, disk } = this.#options;
    const batches = batchesOf(this.#waiting);
    this.#waiting = [];
    for (const [at, batch] of batches.entries()) {
      try {
        await disk.run(
          () => appendJournal(dir, batch.join(''), files, clock.wall()),
          // What a disk that hung has written after all must not be written again.
          () => this.#drop(batch),
        );
      } catch (error) {
        const left = batches.slice(at).flat();
        this.#waiting = [...left, ...this.#waiting].slice(-MOST_WAITING);
        throw inFile(journalPath(dir, 0), error);
      }
    }
  }

  #drop(written: readonly string[]): void {
    const lines = new Set(written);
    this.#waiting = this.#waiting.filter((line) => !lines.has(line));
  }
}

/** Lines by what one file takes: those of hours with a full disk, in one file, would be no journal to the next start. */
function batchesOf(lines: readonly string[]): string[][] {
  const batches: string[][] = [];
  let room = 0;
  for (const line of lines) {
    const bytes = Buffer.byteLength(line);
    if (bytes > room) {
      batches.push([]);
      room = FILE_BYTES;
    }
    batches.at(-1)?.push(line);
    room -= bytes;
  }
  return batches;
}

/** The lines of one file, or why there are none. */
async function readInTime(
  path: string,
  options: Required<JournalDeps>,
): Promise<JournalLine[] | string> {
  return options.disk
    .run(() => readFileOf(path, options))
    .catch((error: unknown) => `${path}: ${messageOf(error)}`);
}

/** The lines of one file, or why it was set aside. */
async function readFileOf(
  path: string,
  { clock, files }: Required<JournalDeps>,
): Promise<JournalLine[] | string> {
  let why: string;
  try {
    const text = await readJournal(path, files);
    const lines = text.split('\n').map(parseJournalLine);
    const ours = lines.filter((line) => line !== null);
    // A torn line costs itself; a file without one line of ours is somebody else's.
    if (ours.length > 0 || text.trim() === '') return ours;
    why = 'has no line of a journal';
  } catch (error) {
    why = messageOf(error);
  }
  return `${path} ${why}; ${await setAside(path, clock.wall(), files)}; we begin a new journal`;
}
