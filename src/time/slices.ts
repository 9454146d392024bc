/** How long one slice of work may block the event loop. */
const SLICE_MS = 5;

/** Cuts long work into slices, so that other work runs in between. */
class Slices {
  readonly #now: () => number;
  #beganAt: number;

  constructor(now: () => number) {
    this.#now = now;
    this.#beganAt = now();
  }

  /** Null while there is time left; else a promise that resolves after a turn of the event loop. */
  rest(): Promise<void> | null {
    return this.#now() - this.#beganAt < SLICE_MS ? null : this.#nextTurn();
  }

  async #nextTurn(): Promise<void> {
    await new Promise((resolve) => setImmediate(resolve));
    this.#beganAt = this.#now();
  }
}

/** Calls `work` for each item, in slices, while `mayGoOn` returns true. */
export async function forEachInSlices<Item>(
  items: readonly Item[],
  now: () => number,
  work: (item: Item) => void,
  mayGoOn: () => boolean,
): Promise<void> {
  const slices = new Slices(now);
  for (const item of items) {
    const rest = slices.rest();
    if (rest !== null) await rest;
    if (!mayGoOn()) return;
    work(item);
  }
}
