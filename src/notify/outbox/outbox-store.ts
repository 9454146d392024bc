import { messageOf } from '../../errors.ts';
import type { Files } from '../../store/files.ts';
import type { Clock } from '../../time/clock.ts';
import type { DiskQueue } from '../../time/disk-queue.ts';
import type { Channel } from '../channel/channel.ts';
import { renameChannels } from './rename-channels.ts';
import {
  EMPTY_OUTBOX,
  readOutbox,
  writeOutbox,
  type OutboxDocument,
  type ReadOutbox,
} from './outbox-file.ts';

/** What the store of an outbox uses. */
interface OutboxStoreDeps {
  /** PM2_HOME/pm2-liveness. */
  readonly dir: string;
  readonly clock: Clock;
  readonly disk: DiskQueue;
  readonly files?: Files;
  /** What was read is by the names that these have now. */
  readonly channels: readonly Channel[];
}

/**
 * The file of an outbox. It is never written before it was read: a disk that hangs at the start must not cost what
 * an earlier monitor left in it.
 */
export class OutboxStore {
  readonly #deps: OutboxStoreDeps;
  #isRead = false;
  #late: ReadOutbox | null = null;
  #onLate: ((read: ReadOutbox) => void) | null = null;

  constructor(deps: OutboxStoreDeps) {
    this.#deps = deps;
  }

  /** False while the disk has not given the file. */
  get isRead(): boolean {
    return this.#isRead;
  }

  /** Reads the file. Never rejects. */
  async open(): Promise<ReadOutbox> {
    try {
      const read = await this.#read();
      this.#isRead = true;
      return read;
    } catch (error) {
      const warning = `what waits in notify.json could not be read yet: ${messageOf(error)}`;
      return { document: EMPTY_OUTBOX, warning };
    }
  }

  /** Calls `listener` once with a file that was read after `open`. */
  whenLate(listener: (read: ReadOutbox) => void): void {
    this.#onLate = listener;
    if (this.#late !== null) listener(this.#late);
  }

  /** Replaces the file by what `document` gives then. Throws what the disk throws. */
  async write(document: () => OutboxDocument): Promise<void> {
    const { disk, dir, files } = this.#deps;
    if (!this.#isRead) this.#take(await this.#read());
    await disk.run(() => writeOutbox(dir, document(), files));
  }

  #read(): Promise<ReadOutbox> {
    const { disk, dir, clock, files, channels } = this.#deps;
    return disk.run(
      async () => {
        const read = await readOutbox(dir, clock.wall(), files);
        return { ...read, document: renameChannels(read.document, channels) };
      },
      (late) => this.#take(late),
    );
  }

  /** Of several only the first. */
  #take(read: ReadOutbox): void {
    if (this.#isRead) return;
    this.#isRead = true;
    this.#late = read;
    this.#onLate?.(read);
  }
}
