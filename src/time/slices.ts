/** How long one piece of work may have the event loop to itself. */
const SLICE_MS = 5;

/** Cuts long work into slices, so that whatever else is due comes in between. */
class Slices {
  readonly #now: () => number;
  #beganAt: number;

  constructor(now: () => number) {
    this.#now = now;
    this.#beganAt = now();
  }

  /** Null while there is time left; else what resolves when others have had their turn. */
  rest(): Promise<void> | null {
    return this.#now() - this.#beganAt < SLICE_MS ? null : this.#nextTurn();
  }

  async #nextTurn(): Promise<void> {
    await new Promise((resolve) => setImmediate(resolve));
    this.#beganAt = this.#now();
  }
}

/** Does `work` to each item in slices, as long as `mayGoOn` says so. */
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
