/** As many messages as wait for one channel. */
const MOST_PARTIAL = 200;

/** What the next try of one message is about. */
interface Left {
  readonly to: readonly string[];
  /** What the server said of addresses that it refused for good before; null for none. */
  readonly refusal: string | null;
}

/**
 * The addresses that lack a mail: a server may take it for some and ask to try again for others (greylisting). Not on
 * disk: after a restart of the monitor all get it again, with the same Message-ID, rather twice than never.
 */
export class MissingAddresses {
  readonly #all: Left;
  /** By the message's id, the oldest first; few wait at the same time. */
  readonly #left = new Map<string, Left>();

  constructor(all: readonly string[]) {
    this.#all = { to: all, refusal: null };
  }

  of(id: string): Left {
    return this.#left.get(id) ?? this.#all;
  }

  keep(id: string, left: Left): void {
    this.#left.delete(id);
    if (left.to.length > 0) this.#left.set(id, left);
    const [oldest] = this.#left.keys();
    if (this.#left.size > MOST_PARTIAL && oldest !== undefined) this.#left.delete(oldest);
  }
}
