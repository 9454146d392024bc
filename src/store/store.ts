import { join } from 'node:path';
import type { Stats } from 'node:fs';
import { ensurePrivateDir } from '../leader/private-dir.ts';
import { codeOf, messageOf } from '../errors.ts';
import type { Clock } from '../time/clock.ts';
import { DiskQueue } from '../time/disk-queue.ts';
import { fromKept, toKept, type AppMemory, type KeptApp } from './app-memory.ts';
import { MOST_APPS, type StateDocument } from './document.ts';
import { inFile, removeUnfinished, replaceFile, systemFiles, type Files } from './files.ts';
import { machineNow, type Instant } from './memory-time.ts';
import { Saver } from './saver.ts';
import { setAside } from './set-aside.ts';
import { loadState, type Loaded } from './state-file.ts';

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
}

/** Whether what happens is remembered; where not, supervision goes on from memory. */
export interface Keeping {
  readonly isKeeping: boolean;
  readonly reason: string | null;
}

/** A store, and what was found amiss as it was opened. */
export interface Opened {
  readonly store: Store;
  readonly warning: string | null;
}

interface Remembered {
  readonly memory: AppMemory;
  /** Epoch milliseconds. */
  readonly seenAt: number;
}

const FILE = 'state.json';

const DAY_MS = 86_400_000;

/** Apps not seen for so long are forgotten. */
const FORGOTTEN_MS = 30 * DAY_MS;

/** No window is longer, so that a restart this old counts for nothing. */
const LONGEST_WINDOW_MS = 7 * DAY_MS;

/**
 * What outlives the monitor, one small JSON file (DESIGN §8). To be opened by whoever holds the
 * lock, after having got it, and to be abandoned by whoever lost it: there is one writer.
 */
export class Store {
  readonly #options: Required<StoreDeps>;
  readonly #apps = new Map<string, Remembered>();
  readonly #saver: Saver;
  /** Our file as we last knew it; null where there is none. */
  #known: Stats | null = null;

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
   * disk that hangs nothing is known; what it gives later is taken over for apps not seen meanwhile.
   */
  static async open(given: StoreDeps): Promise<Opened> {
    const disk = new DiskQueue(given.clock);
    const usual = { files: systemFiles, disk, machine: machineNow, tell: () => undefined };
    const store = new Store({ ...usual, ...given });
    try {
      const { warning } = await store.#options.disk.run(() => store.#load());
      return { store, warning };
    } catch (error) {
      // Tried again until the disk answers, and told of until then.
      store.#saver.fail(messageOf(error));
      const warning = `${store.#path}: ${messageOf(error)}; we begin without a memory`;
      return { store, warning };
    }
  }

  /** What is remembered of an app; null for one that is new. Monotonic times of this process. */
  get(key: string): AppMemory | null {
    return this.#apps.get(key)?.memory ?? null;
  }

  /** Remembers an app as it is now; it is on disk a second later, or after `saveNow`. */
  put(key: string, memory: AppMemory): void {
    this.#apps.delete(key);
    this.#apps.set(key, { memory, seenAt: this.#options.clock.wall() });
    this.#saver.scheduleSave();
  }

  /** These apps are still there: an app not seen for thirty days is forgotten. Written once a day. */
  markSeen(keys: Iterable<string>): void {
    const seenAt = this.#options.clock.wall();
    for (const key of keys) {
      const known = this.#apps.get(key);
      if (!known) continue;
      // Else a month without a change, and the file itself would look a month old.
      if (seenAt - known.seenAt > DAY_MS) this.#saver.scheduleSave();
      this.#apps.delete(key);
      this.#apps.set(key, { ...known, seenAt });
    }
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
    if (loaded.document) this.#takeOver(loaded.document);
    this.#known = await this.#stat(files).catch(() => null);
    if (loaded.warning === null) await removeUnfinished(dir, FILE, files);
    return loaded;
  }

  #takeOver(document: StateDocument): void {
    const at = this.#instant();
    const bySight = Object.entries(document.apps).sort(([, a], [, b]) => a.seenAt - b.seenAt);
    for (const [key, kept] of bySight) {
      if (this.#apps.has(key)) continue;
      // Seen in the future: the clock was moved, and the thirty days begin anew.
      const seenAt = Math.min(kept.seenAt, at.wall);
      this.#apps.set(key, { memory: fromKept(kept, document.savedAt, at), seenAt });
    }
  }

  async #save(): Promise<void> {
    const { dir, files } = this.#options;
    const at = this.#instant();
    this.#forget(at);
    const apps: Record<string, KeptApp> = {};
    for (const [key, { memory, seenAt }] of this.#apps) apps[key] = toKept(memory, seenAt, at);
    const savedAt = { wall: at.wall, machine: at.machine };
    const document: StateDocument = { schemaVersion: 1, savedAt, apps };
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

  /** Drops apps long gone, and of too many those not seen for longest (they stand first). */
  #forget(at: Instant): void {
    for (const [key, { memory, seenAt }] of this.#apps) {
      const isTooMany = this.#apps.size > MOST_APPS;
      // A wall clock put forward by a month must not hand out the budget a second time.
      const last = memory.memory.budget.at(-1) ?? Number.NEGATIVE_INFINITY;
      const isSpent = at.now - last < LONGEST_WINDOW_MS;
      if (isTooMany || (at.wall - seenAt > FORGOTTEN_MS && !isSpent)) this.#apps.delete(key);
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
