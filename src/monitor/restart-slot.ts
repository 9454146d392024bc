/** The one restart slot of all workers (DESIGN §4). */
export class RestartSlot {
  #slot: Slot = FREE_SLOT;

  freeAt(): number {
    return slotFreeAt(this.#slot);
  }

  /** Whose restarts the others wait for. */
  holdersAt(at: number): readonly string[] {
    return holdersAt(this.#slot, at);
  }

  /** A restart of `name` begins; what is given back is to be released when it is over. */
  take(name: string, at: number): Flight {
    const flight = { name, at };
    this.#slot = take(this.#slot, flight);
    return flight;
  }

  release(flight: Flight): void {
    this.#slot = release(this.#slot, flight);
  }
}

/** No two restarts of any apps begin closer together than this (DESIGN §4). */
export const SLOT_SPACING_MS = 5_000;

/** A restart keeps the others back for this long at most, however long PM2 takes over it (DESIGN §12). */
export const SLOT_HOLD_MS = 10_000;

/** This many may be in flight at a time. */
export const MOST_IN_FLIGHT = 4;

/** One restart that was begun and of which nothing was heard yet. */
export interface Flight {
  /** The app that it restarts, as a person calls it. */
  readonly name: string;
  readonly at: number;
}

/** The restart slot that all targets share: when one last began, and what is in flight. */
export interface Slot {
  readonly takenAt: number;
  /** In the order in which they began. */
  readonly inFlight: readonly Flight[];
}

/** A slot nobody has used yet. */
export const FREE_SLOT: Slot = { takenAt: Number.NEGATIVE_INFINITY, inFlight: [] };

/** From when on a restart may begin; Infinity while as many are in flight as may be. */
export function slotFreeAt({ takenAt, inFlight }: Slot): number {
  if (inFlight.length >= MOST_IN_FLIGHT) return Number.POSITIVE_INFINITY;
  const newest = inFlight.at(-1)?.at ?? Number.NEGATIVE_INFINITY;
  return Math.max(takenAt + SLOT_SPACING_MS, newest + SLOT_HOLD_MS);
}

/** Whose restarts keep others back at `at`; empty where only the spacing does, or nothing. */
export function holdersAt({ inFlight }: Slot, at: number): readonly string[] {
  const isFull = inFlight.length >= MOST_IN_FLIGHT;
  return inFlight.filter((each) => isFull || at < each.at + SLOT_HOLD_MS).map(({ name }) => name);
}

/** The slot after a restart began. */
export function take({ inFlight }: Slot, flight: Flight): Slot {
  return { takenAt: flight.at, inFlight: [...inFlight, flight] };
}

/** The slot after that very restart ended. */
export function release(slot: Slot, flight: Flight): Slot {
  return { ...slot, inFlight: slot.inFlight.filter((each) => each !== flight) };
}
