import { readFile } from 'node:fs/promises';
import type { Clock } from '../time/clock.ts';

/** All sockets of this machine, also those whose files are gone; Linux alone has it. */
const SOCKETS = '/proc/net/unix';

/** `__SO_ACCEPTCON`: it listens. */
const LISTENS = '00010000';

/** A holder looks after its claim every second, and has another by then. */
const PATIENCE_MS = 5_000;

/**
 * Where the folder of the claims was removed, its holder lives on and comes back within a second or
 * two, with all that it knows. A monitor that finds no claim alive looks here first, and waits that long; no
 * longer, for a stranger in a mount of its own could bind to the same name. Elsewhere than on Linux
 * nothing is known of it, and the first to come takes the lock.
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

  /** Whether to give way once more. Never rejects. */
  async mustWait(): Promise<boolean> {
    if (!(await this.isThere())) {
      this.isSeen();
      return false;
    }
    this.#since ??= this.#clock.now();
    return this.#clock.now() - this.#since < PATIENCE_MS;
  }

  /** A claim is alive: a holder that is missed after this is waited for again. */
  isSeen(): void {
    this.#since = null;
  }

  /** Whether a process listens on a socket that was made in the folder. Never rejects. */
  async isThere(): Promise<boolean> {
    const text = await readFile(this.#sockets, 'utf8').catch(() => '');
    return text.split('\n').some((line) => {
      // Num RefCount Protocol Flags Type St Inode Path
      const [, flags, path] = /^\S+ \S+ \S+ (\S+) \S+ \S+ +\d+ (.*)$/.exec(line) ?? [];
      return flags === LISTENS && path?.startsWith(this.#prefix) === true;
    });
  }
}
