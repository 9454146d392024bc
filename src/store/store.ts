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
import { STATE_FILE } from './kept-restarts.ts';
import { Saver } from './saver.ts';

/** The folder, clocks and disk of a store, and where it reports. */
export interface StoreDeps {
  /** PM2_HOME/pm2-liveness. */
  readonly dir: string;
  readonly clock: Clock;
  readonly files?: Files;
  /** The queue of all operations on this disk. */
  readonly disk?: DiskQueue;
  /** The machine's monotonic clock, in milliseconds. */
  readonly machine?: () => number;
  /** Called at every change of `keeping()`. */
  readonly tell?: (keeping: Keeping) => void;
  /** The present memory of the watched apps, by `appKey`. */
  readonly running?: () => ReadonlyMap<string, AppMemory>;
  /** Called when a disk that hung while the store was opened has answered. */
  readonly onLateRead?: (read: LateRead) => void;
}

/** A state file that was read after the store was opened without it. */
export interface LateRead {
  /** The apps in the file; their memory is merged with what has come since. */
  readonly keys: ReadonlySet<string>;
  /** A sentence for the log; null where there is none. */
  readonly warning: string | null;
}

/** Whether the state can be saved. Where not, the monitor goes on, and the state is only in memory. */
export interface Keeping {
  readonly isKeeping: boolean;
  readonly reason: string | null;
}

/** A store, and what was wrong when it was opened. */
interface Opened {
  readonly store: Store;
  readonly warning: string | null;
}

/**
 * What outlives the monitor: one small JSON file (DESIGN §8). There is one writer: open the store after
 * getting the lock, and abandon it after losing the lock.
 */
export class Store {
  readonly #options: Required<StoreDeps>;
  readonly #apps = new AppTable();
  readonly #saver: Saver;
  /** The last known stat of our file; null where there is none. */
  #known: Stats | null = null;
  /** Nothing is written before the file has been read. */
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
   * Reads the saved state. Never rejects: a file that cannot be used is set aside, with a warning. With a
   * hanging disk the store opens empty; what is read later is merged with what has come since.
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
      // Tried again, and reported, until the disk answers and the folder is ours.
      const reason = inFile(store.#path, error).message;
      store.#saver.fail(reason);
      return { store, warning: `${reason}; the monitor starts without its saved state` };
    }
  }

  /** The memory of an app; null for a new one. Times are monotonic milliseconds of this process. */
  get(key: string): AppMemory | null {
    return this.#apps.get(key);
  }

  /** Stores the memory of an app. It is on disk a second later, or after `saveNow`. */
  put(key: string, memory: AppMemory): void {
    this.#apps.set(key, memory, this.#options.clock.wall());
    this.#saver.scheduleSave();
  }

  /** Notes a command of the operator: it outweighs what a hanging disk still has of the app. */
  noteCommand(key: string, command: OperatorCommand): void {
    if (!this.#isRead) this.#apps.noteCommand(key, command);
  }

  /**
   * Notes that these apps are still there: an app not seen for thirty days is forgotten. Written once a day.
   */
  markSeen(keys: Iterable<string>): void {
    if (this.#apps.markSeen(keys, this.#options.clock.wall())) this.#saver.scheduleSave();
  }

  /** Writes soon, also without a change: this saves until when the apps were observed. */
  scheduleSave(): void {
    this.#saver.scheduleSave();
  }

  /**
   * Resolves to true when all that was put is on disk, to false where that failed. Await this before a
   * restart is issued, so that the restart is in the budget even if the monitor is killed just then. Never
   * rejects, and takes two seconds at most.
   */
  saveNow(): Promise<boolean> {
    return this.#saver.flush();
  }

  keeping(): Keeping {
    const reason = this.#saver.trouble;
    return { isKeeping: reason === null, reason };
  }

  /** Writes what is left, and closes. Idempotent; never rejects. */
  async close(): Promise<void> {
    await this.#saver.flush();
    await this.#saver.stop();
  }

  /** Closes without another write: the file now belongs to the next holder of the lock. */
  async abandon(): Promise<void> {
    await this.#saver.stop();
  }

  /**
   * Writes the file again where somebody removed or replaced it: the running monitor has the true state.
   * Never rejects.
   */
  async restoreFile(): Promise<void> {
    if (this.#saver.trouble !== null || this.#apps.size === 0) return;
    const { files, disk } = this.#options;
    const isOurs = async (): Promise<boolean> => isSame(await this.#stat(files), this.#known);
    if (!(await disk.run(isOurs).catch(() => true))) this.#saver.scheduleSave();
  }

  get #path(): string {
    return join(this.#options.dir, STATE_FILE);
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
    if (loaded.warning === null) await removeUnfinished(dir, STATE_FILE, files);
    return loaded;
  }

  #takeOver({ document }: Loaded, running: ReadonlyMap<string, AppMemory> = new Map()): void {
    this.#isRead = true;
    if (document !== null) this.#apps.takeOver(document, this.#instant(), running);
  }

  /** Gives a running app the memory that was read late, before its next change is written. */
  #takeOverLate(loaded: Loaded): void {
    const { running, onLateRead } = this.#options;
    this.#takeOver(loaded, running());
    this.#saver.scheduleSave();
    const keys = new Set(Object.keys(loaded.document?.apps ?? {}));
    onLateRead({ keys, warning: loaded.warning });
  }

  async #save(): Promise<void> {
    const { dir, files } = this.#options;
    // The disk hung before the file was read.
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
        // A file cannot replace a folder.
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
