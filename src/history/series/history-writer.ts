import { join } from 'node:path';
import { codeOf, messageOf } from '../../errors.ts';
import { inFile, setAside, type Files } from '../../store/files.ts';
import type { Clock } from '../../time/clock.ts';
import type { DiskQueue } from '../../time/disk-queue.ts';
import { decodeHistory, encodeHistory, historyFileName, MOST_TAIL_BYTES } from './history-file.ts';
import {
  appendToHistoryFile,
  HISTORY_FOLDER,
  readHistoryFile,
  writeHistoryFile,
} from './history-folder.ts';
import type { RecordedApp } from './recorded-app.ts';

/** The folder and disk of the files. */
export interface HistoryWriterDeps {
  /** PM2_HOME/pm2-liveness. */
  readonly dir: string;
  readonly clock: Clock;
  readonly disk: DiskQueue;
  readonly files: Files;
}

/** Keeps the file of one app: reads it once, adds to its end, and writes it again when that has got long. */
export class HistoryWriter {
  readonly #deps: HistoryWriterDeps;
  readonly #app: RecordedApp;
  readonly #path: string;
  #isRead = false;
  /** The size of the file as we left it; null where it must be written as a whole. */
  #size: number | null = null;
  #wholeBytes = 0;

  constructor(app: RecordedApp, deps: HistoryWriterDeps) {
    this.#deps = deps;
    this.#app = app;
    this.#path = join(deps.dir, HISTORY_FOLDER, historyFileName(app));
  }

  /**
   * Brings the file up to date. Resolves to what was wrong with the file that was there, null where nothing was.
   * Rejects where the disk does not do it: what is recorded waits for the next call.
   */
  async save(): Promise<string | null> {
    const { disk } = this.#deps;
    const warning = this.#isRead ? null : await disk.run(() => this.#read());
    this.#isRead = true;
    if (this.#app.waiting.length === 0 && this.#size !== null) return warning;
    if (this.#size === null || this.#app.isBehind || !(await this.#append(this.#size))) {
      await this.#writeWhole();
    }
    return warning;
  }

  async #read(): Promise<string | null> {
    const { files, clock } = this.#deps;
    let reason: string;
    try {
      const bytes = await readHistoryFile(this.#path, files);
      if (bytes === null) return null;
      const file = decodeHistory(bytes);
      if (typeof file !== 'string') {
        this.#app.takeFile(file);
        // Behind a torn end nothing may be added.
        this.#size = file.isWhole ? bytes.length : null;
        this.#wholeBytes = bytes.length;
        return null;
      }
      reason = file;
    } catch (error) {
      if (codeOf(error) !== 'ERR_STORE') throw inFile(this.#path, error);
      reason = messageOf(error);
    }
    const aside = await setAside(this.#path, clock.wall(), files);
    return `${this.#path} ${reason}; ${aside}; the history of this app begins again`;
  }

  /** False where the file must be written as a whole. */
  async #append(size: number): Promise<boolean> {
    const { disk, files } = this.#deps;
    const waiting = [...this.#app.waiting];
    const bytes = Buffer.concat(waiting);
    if (size + bytes.length > this.#wholeBytes + MOST_TAIL_BYTES) return false;
    // Where this fails, it is not known how much was written.
    this.#size = null;
    const append = (): Promise<boolean> => appendToHistoryFile(this.#path, size, bytes, files);
    if (!(await disk.run(append))) return false;
    this.#size = size + bytes.length;
    this.#app.dropWritten(waiting);
    return true;
  }

  async #writeWhole(): Promise<void> {
    const { disk, dir, files } = this.#deps;
    const waiting = [...this.#app.waiting];
    const bytes = encodeHistory(this.#app, this.#app.buckets, this.#app.filledTo);
    this.#size = null;
    await disk.run(() => writeHistoryFile(dir, historyFileName(this.#app), bytes, files));
    this.#size = bytes.length;
    this.#wholeBytes = bytes.length;
    this.#app.dropWritten(waiting);
  }
}
