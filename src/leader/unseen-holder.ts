import { readFile } from 'node:fs/promises';
import type { Clock } from '../time/clock.ts';

/** All sockets of this machine, also those whose files are gone; only on Linux. */
const SOCKETS = '/proc/net/unix';

/** `__SO_ACCEPTCON`: the socket listens. */
const LISTENS = '00010000';

/** A holder checks its claim every second, and has made another one by then. */
const PATIENCE_MS = 5_000;

/**
 * Finds a holder whose folder of claims was removed: it still runs, and makes a new claim within a second or
 * two, with its whole state. A monitor that finds no live claim checks this first, and waits for a short
 * time. Not longer, because another process in its own mount could bind to the same name. On other systems
 * than Linux this is not known, and the first process takes the lock.
 */
export class UnseenHolder {
  readonly #prefix: string;
  readonly #clock: Clock;
  readonly #sockets: string;
  #since: number | null = null;

  constructor(dir: string, clock: Clock, sockets = SOCKETS) {
    this.#prefix = `${dir}/`;
    this.#clock = clock;
    this.#sockets = sockets;
  }

  /** Resolves to true while the caller must wait. Never rejects. */
  async mustWait(): Promise<boolean> {
    if (!(await this.isThere())) {
      this.isSeen();
      return false;
    }
    this.#since ??= this.#clock.now();
    return this.#clock.now() - this.#since < PATIENCE_MS;
  }

  /** Notes that a claim is alive: if its holder is not seen later, the wait starts again. */
  isSeen(): void {
    this.#since = null;
  }

  /** Resolves to true where a process listens on a socket that was made in the folder. Never rejects. */
  async isThere(): Promise<boolean> {
    const text = await readFile(this.#sockets, 'utf8').catch(() => '');
    return text.split('\n').some((line) => {
      // Num RefCount Protocol Flags Type St Inode Path
      const [, flags, path] = /^\S+ \S+ \S+ (\S+) \S+ \S+ +\d+ (.*)$/.exec(line) ?? [];
      return flags === LISTENS && path?.startsWith(this.#prefix) === true;
    });
  }
}
