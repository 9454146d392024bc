import { lstat } from 'node:fs/promises';
import { join } from 'node:path';
import { codeOf } from '../errors.ts';
import type { Log } from '../report/log.ts';
import { readWatched, WATCHED_FILE, type WatchedDocument } from '../store/watched-file.ts';
import type { ManagedProcess } from '../pm2/process.ts';
import { withWatchedBlock, type BlockOf } from '../target/watched-block.ts';
import type { DiskQueue } from '../time/disk-queue.ts';

/** The folder and disk of the file, and where it is reported. */
interface WatchedBlocksDeps {
  /** PM2_HOME/pm2-liveness. */
  readonly dir: string;
  readonly disk: DiskQueue;
  readonly log: Log;
  /** Called when other blocks are in force. */
  readonly onChange: () => void;
}

/** What is under the name of the file: another text when it was written or replaced. */
type Mark = string;

const MISSING: Mark = 'missing';

/**
 * The blocks of `watched.json`, which `pm2-liveness watch` writes. A file that cannot be read is reported once,
 * and the blocks last read stay in force.
 */
export class WatchedBlocks {
  readonly #deps: WatchedBlocksDeps;
  #blocks: ReadonlyMap<string, unknown> = new Map();
  #seen: Mark = MISSING;
  #warning: string | null = null;
  #isLooking = false;

  constructor(deps: WatchedBlocksDeps) {
    this.#deps = deps;
  }

  /** The block of an app; undefined where it has none there. */
  readonly blockOf: BlockOf = (name) => this.#blocks.get(name);

  /** Gives the processes without a block the one of the file, and looks whether the file has changed. */
  applyTo(processes: readonly ManagedProcess[]): readonly ManagedProcess[] {
    // Not awaited: the list must not wait for a disk. What is new has the list read again.
    void this.look();
    return processes.map((process) => withWatchedBlock(process, this.blockOf));
  }

  /** Why the file cannot be read; null where it can. */
  get warning(): string | null {
    return this.#warning;
  }

  /**
   * Reads the file where it has changed since the last look. Never rejects; a disk that hangs costs this look
   * alone.
   */
  async look(): Promise<void> {
    if (this.#isLooking) return;
    this.#isLooking = true;
    const { dir, disk } = this.#deps;
    try {
      const mark = await disk.run(() => markOf(join(dir, WATCHED_FILE)));
      if (mark === this.#seen) return;
      const read = mark === MISSING ? null : await disk.run(() => readWatched(dir));
      this.#seen = mark;
      this.#take(read);
    } catch {
      // The disk does not answer: the next look asks again, and the store reports it.
    } finally {
      this.#isLooking = false;
    }
  }

  /** Takes over what was read; null where there is no file, a string where it cannot be read. */
  #take(read: WatchedDocument | string | null): void {
    const { log, onChange } = this.#deps;
    if (typeof read === 'string') {
      this.#warning = `${read}; ${this.#blocks.size > 0 ? STAY : 'no app is watched by it'}`;
      return log.line('warn', this.#warning);
    }
    const isBack = this.#warning !== null;
    this.#warning = null;
    this.#blocks = new Map(read?.apps.map(({ name, block }) => [name, block]));
    if (isBack) log.line('info', `${WATCHED_FILE} can be read again`);
    onChange();
  }
}

const STAY = 'the blocks that were last read from it stay in force';

async function markOf(path: string): Promise<Mark> {
  try {
    const { ino, size, mtimeMs, ctimeMs } = await lstat(path);
    return `${ino} ${size} ${mtimeMs} ${ctimeMs}`;
  } catch (error) {
    const code = codeOf(error);
    if (code === 'ENOENT' || code === 'ENOTDIR') return MISSING;
    // Not even its folder can be read: the attempt to read the file says why.
    return `${code}`;
  }
}
