/** One look at a list of the kernel. */
interface Look<List> {
  /** Monotonic milliseconds, from before the first line was read. */
  readonly at: number;
  readonly list: List | null;
}

/**
 * A list of the kernel, read once for all callers within a time: with thousands of apps the kernel takes
 * milliseconds for it.
 */
export class KeptLook<List> {
  readonly #read: () => Promise<List | null>;
  readonly #now: () => number;
  #last: Look<List> | null = null;
  #reading: Promise<Look<List>> | null = null;

  constructor(read: () => Promise<List | null>, now: () => number) {
    this.#read = read;
    this.#now = now;
  }

  /** The list of less than `maxAgeMs` before the call; 0 reads it now. Null where it cannot be read. */
  async within(maxAgeMs: number): Promise<List | null> {
    const since = this.#now() - maxAgeMs;
    if (this.#last !== null && this.#last.at > since) return this.#last.list;
    // A read that began too early is also waited for: two at once are no use.
    const underWay = await this.#reading;
    if (underWay !== null && underWay.at > since) return underWay.list;
    this.#reading ??= this.#look();
    return (await this.#reading).list;
  }

  async #look(): Promise<Look<List>> {
    const at = this.#now();
    const look = { at, list: await this.#read() };
    // A failed read is not kept.
    if (look.list !== null) this.#last = look;
    this.#reading = null;
    return look;
  }
}
