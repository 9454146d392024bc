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

/** The folder, clock and disk of a journal. */
export interface JournalDeps {
  /** PM2_HOME/pm2-liveness. */
  readonly dir: string;
  readonly clock: Clock;
  readonly files?: Files;
  /** The queue of all operations on this disk. */
  readonly disk?: DiskQueue;
  /** Called with the reason why nothing can be written, and with null when it can be again. */
  readonly tell?: (trouble: string | null) => void;
}

/** A journal, with its old lines and what was wrong. */
export interface OpenedJournal {
  readonly journal: Journal;
  /** Oldest first. */
  readonly lines: readonly JournalLine[];
  readonly warning: string | null;
  /** True where nothing could be read: the warning ends when the folder can be used again. */
  readonly isUnread: boolean;
}

/** A line that is not on disk yet; two may have the same text. */
interface Waiting {
  readonly text: string;
}

/** At most this many lines wait for a disk that accepts none; older ones are lost. */
const MOST_WAITING = 1_000;

/**
 * The incident journal (DESIGN §8): JSON lines that are only added, in files of at most 1 MiB, of which the
 * newest four are kept. The holder of the lock is the only writer.
 */
export class Journal {
  readonly #options: Required<JournalDeps>;
  readonly #saver: Saver;
  /** What is not on disk yet, also while it is written. */
  #waiting: Waiting[] = [];

  private constructor(options: Required<JournalDeps>) {
    this.#options = options;
    const { clock, tell } = options;
    this.#saver = new Saver({ clock, write: () => this.#write(), tell });
  }

  /** Reads the old lines. Never rejects: a file that is not ours is set aside, with a warning. */
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
      const warning = `${trouble}; the incident journal was not read`;
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

  /** Adds a line. It is on disk a second later, or after `flush`. */
  append(line: JournalLine): void {
    this.#waiting.push({ text: `${JSON.stringify(line)}\n` });
    if (this.#waiting.length > MOST_WAITING) this.#waiting.shift();
    this.#saver.scheduleSave();
  }

  /** Why nothing can be written; null while it can be. */
  get trouble(): string | null {
    return this.#saver.trouble;
  }

  /**
   * Resolves when all lines are on disk or could not be written, after two seconds at most. Never rejects.
   */
  async flush(): Promise<void> {
    await this.#saver.flush();
  }

  /** Writes what is left, and closes. Idempotent; never rejects. */
  async close(): Promise<void> {
    if (this.#waiting.length > 0) await this.#saver.flush();
    await this.#saver.stop();
  }

  /** Closes without another write: the files now belong to the next holder of the lock. */
  async abandon(): Promise<void> {
    await this.#saver.stop();
  }

  async #write(): Promise<void> {
    const { dir, files, clock, disk } = this.#options;
    for (const batch of batchesOf(this.#waiting)) {
      const append = async (): Promise<void> => {
        // A hanging disk may have written some of them while this waited for it.
        const waiting = new Set(this.#waiting);
        const left = batch.filter((line) => waiting.has(line));
        const text = left.map((line) => line.text).join('');
        if (text !== '') await appendJournal(dir, text, files, clock.wall());
      };
      const drop = (): void => {
        const written = new Set(batch);
        this.#waiting = this.#waiting.filter((line) => !written.has(line));
      };
      try {
        await disk.run(append, drop);
        drop();
      } catch (error) {
        throw inFile(journalPath(dir, 0), error);
      }
    }
  }
}

/**
 * Splits lines into batches of one file each: the lines of hours with a full disk would make one file too
 * large for the next start to read.
 */
function batchesOf(lines: readonly Waiting[]): Waiting[][] {
  const batches: Waiting[][] = [];
  let room = 0;
  for (const line of lines) {
    const bytes = Buffer.byteLength(line.text);
    if (bytes > room) {
      batches.push([]);
      room = FILE_BYTES;
    }
    batches.at(-1)?.push(line);
    room -= bytes;
  }
  return batches;
}

/** The lines of one file, or the reason why there are none. */
async function readInTime(
  path: string,
  options: Required<JournalDeps>,
): Promise<JournalLine[] | string> {
  return options.disk
    .run(() => readFileOf(path, options))
    .catch((error: unknown) => `${path}: ${messageOf(error)}`);
}

/** The lines of one file, or the reason why it was set aside. */
async function readFileOf(
  path: string,
  { clock, files }: Required<JournalDeps>,
): Promise<JournalLine[] | string> {
  let reason: string;
  try {
    const text = await readJournal(path, files);
    const lines = text.split('\n').map(parseJournalLine);
    const ours = lines.filter((line) => line !== null);
    // A broken line is skipped. A file without any line of ours is not ours.
    if (ours.length > 0 || text.trim() === '') return ours;
    reason = 'has no line of an incident journal';
  } catch (error) {
    reason = messageOf(error);
  }
  return `${path} ${reason}; ${await setAside(path, clock.wall(), files)}; a new journal is started`;
}
