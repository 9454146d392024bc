import type { Stats } from 'node:fs';
import { join } from 'node:path';
import { codeOf } from '../errors.ts';
import { ensurePrivateDir } from '../leader/private-dir.ts';
import type { Clock } from '../time/clock.ts';
import { DiskQueue } from '../time/disk-queue.ts';
import type { AppMemory } from './app-memory.ts';
import { AppTable } from './app-table.ts';
import { loadState, type Loaded, type StateDocument } from './document.ts';
import {
  inFile,
  removeUnfinished,
  replaceFile,
  setAside,
  systemFiles,
  type Files,
} from './files.ts';
import { machineNow, type Instant } from './memory-time.ts';
import type { OperatorCommand } from './merge-memory.ts';
import { Saver } from './saver.ts';

/** What the store needs. */
export interface StoreDeps {
  /** PM2_HOME/pm2-liveness. */
  readonly dir: string;
  readonly clock: Clock;
  readonly files?: Files;
  /** All that is done to this disk stands in it. */
  readonly disk?: DiskQueue;
  /** The machine's monotonic clock, in milliseconds. */
  readonly machine?: () => number;
  /** Hears of every change of `keeping()`. */
  readonly tell?: (keeping: Keeping) => void;
  /** What is known now of the apps that are watched, by `appKey`. */
  readonly running?: () => ReadonlyMap<string, AppMemory>;
  /** Called when a disk that hung as the store was opened has answered. */
  readonly onLateRead?: (read: LateRead) => void;
}

/** What was read after the store was opened without it. */
export interface LateRead {
  /** The apps in the file; what is remembered of them is merged with what came since. */
  readonly keys: ReadonlySet<string>;
  /** A sentence for the log; null where all is well. */
  readonly warning: string | null;
}

/** Whether what happens is remembered; where not, supervision goes on from memory. */
export interface Keeping {
  readonly isKeeping: boolean;
  readonly reason: string | null;
}

/** A store, and what was found wrong as it was opened. */
export interface Opened {
  readonly store: Store;
  readonly warning: string | null;
}

const FILE = 'state.json';

/**
 * What outlives the monitor, one small JSON file (DESIGN §8). To be opened by the one that holds the
 * lock, after having got it, and to be abandoned by the one that lost it: there is one writer.
 */
export class Store {
  readonly #options: Required<StoreDeps>;
  readonly #apps = new AppTable();
  readonly #saver: Saver;
  /** Our file as we last knew it; null where there is none. */
  #known: Stats | null = null;
  /** Nothing is written before the file was read. */
  #isRead = false;

  private constructor(options: Required<StoreDeps>) {
    this.#options = options;
    const { clock, tell } = options;
    this.#saver = new Saver({
      clock,
      write: () => options.disk.run(() => this.#save()),
      tell: (reason) => tell({ isKeeping: reason === null, reason }),
    });
  }

  /**
   * Reads what is remembered. Never throws: what cannot be used is set aside, with a warning. Of a
   * disk that hangs nothing is known; what it gives later is merged with what came since.
   */
  static async open(given: StoreDeps): Promise<Opened> {
    const disk = new DiskQueue(given.clock);
    const usual = {
      files: systemFiles,
      disk,
      machine: machineNow,
      tell: () => undefined,
      running: () => new Map<string, AppMemory>(),
      onLateRead: () => undefined,
    };
    const store = new Store({ ...usual, ...given });
    try {
      const loaded = await store.#options.disk.run(
        () => store.#load(),
        (late) => store.#takeOverLate(late),
      );
      store.#takeOver(loaded);
      return { store, warning: loaded.warning };
    } catch (error) {
      // Tried again until the disk answers and the folder is ours, and reported until then.
      const reason = inFile(store.#path, error).message;
      store.#saver.fail(reason);
      return { store, warning: `${reason}; we begin without a memory` };
    }
  }

  /** What is remembered of an app; null for one that is new. Monotonic times of this process. */
  get(key: string): AppMemory | null {
    return this.#apps.get(key);
  }

  /** Remembers an app as it is now; it is on disk a second later, or after `saveNow`. */
  put(key: string, memory: AppMemory): void {
    this.#apps.set(key, memory, this.#options.clock.wall());
    this.#saver.scheduleSave();
  }

  /** The operator did this to an app: it holds against what a disk that hangs still has of it. */
  noteCommand(key: string, command: OperatorCommand): void {
    if (!this.#isRead) this.#apps.noteCommand(key, command);
  }

  /** These apps are still there: an app not seen for thirty days is forgotten. Written once a day. */
  markSeen(keys: Iterable<string>): void {
    if (this.#apps.markSeen(keys, this.#options.clock.wall())) this.#saver.scheduleSave();
  }

  /** What is known is written soon, changed or not: so long has somebody watched. */
  scheduleSave(): void {
    this.#saver.scheduleSave();
  }

  /**
   * Resolves when all that was put is on disk, or cannot be kept; true for on disk. To be awaited
   * before a restart is issued, so that a monitor that dies right then has it in its budget.
   * Never throws and never takes longer than two seconds.
   */
  saveNow(): Promise<boolean> {
    return this.#saver.flush();
  }

  keeping(): Keeping {
    const reason = this.#saver.trouble;
    return { isKeeping: reason === null, reason };
  }

  /** Writes what is left, and ends. Idempotent; never throws. */
  async close(): Promise<void> {
    await this.#saver.flush();
    await this.#saver.stop();
  }

  /** Ends without another write: the file belongs to the next holder of the lock. */
  async abandon(): Promise<void> {
    await this.#saver.stop();
  }

  /**
   * Has the file written again where somebody removed or replaced it: what a running monitor knows
   * is the truth. Never throws.
   */
  async restoreFile(): Promise<void> {
    if (this.#saver.trouble !== null || this.#apps.size === 0) return;
    const { files, disk } = this.#options;
    const isOurs = async (): Promise<boolean> => isSame(await this.#stat(files), this.#known);
    if (!(await disk.run(isOurs).catch(() => true))) this.#saver.scheduleSave();
  }

  get #path(): string {
    return join(this.#options.dir, FILE);
  }

  async #stat(files: Files): Promise<Stats | null> {
    return files.lstat(this.#path).catch((error: unknown) => {
      if (codeOf(error) === 'ENOENT' || codeOf(error) === 'ENOTDIR') return null;
      throw error;
    });
  }

  async #load(): Promise<Loaded> {
    const { dir, clock, files } = this.#options;
    const loaded = await loadState(this.#path, clock.wall(), files);
    this.#known = await this.#stat(files).catch(() => null);
    if (loaded.warning === null) await removeUnfinished(dir, FILE, files);
    return loaded;
  }

  #takeOver({ document }: Loaded, running: ReadonlyMap<string, AppMemory> = new Map()): void {
    this.#isRead = true;
    if (document !== null) this.#apps.takeOver(document, this.#instant(), running);
  }

  /** An app that runs without its memory gets it now, before its next change is written. */
  #takeOverLate(loaded: Loaded): void {
    const { running, onLateRead } = this.#options;
    this.#takeOver(loaded, running());
    this.#saver.scheduleSave();
    const keys = new Set(Object.keys(loaded.document?.apps ?? {}));
    onLateRead({ keys, warning: loaded.warning });
  }

  async #save(): Promise<void> {
    const { dir, files } = this.#options;
    // The disk hung before we came to read.
    if (!this.#isRead) this.#takeOverLate(await this.#load());
    const at = this.#instant();
    const savedAt = { wall: at.wall, machine: at.machine };
    const document: StateDocument = { schemaVersion: 1, savedAt, apps: this.#apps.toKept(at) };
    const text = `${JSON.stringify(document)}\n`;
    const replace = (): Promise<void> => replaceFile(this.#path, text, files);
    try {
      await ensurePrivateDir(dir, files);
      await replace().catch(async (error: unknown) => {
        if (codeOf(error) !== 'EISDIR') throw error;
        // No file can take the place of a folder.
        await setAside(this.#path, at.wall, files);
        await replace();
      });
      this.#known = await this.#stat(files);
    } catch (error) {
      throw inFile(this.#path, error);
    }
  }

  #instant(): Instant {
    const { clock, machine } = this.#options;
    return { now: clock.now(), wall: clock.wall(), machine: machine() };
  }
}

function isSame(one: Stats | null, other: Stats | null): boolean {
  if (one === null || other === null) return one === other;
  const { dev, ino, size, mtimeMs } = one;
  return dev === other.dev && ino === other.ino && size === other.size && mtimeMs === other.mtimeMs;
}
