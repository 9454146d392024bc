/** The one restart slot of all workers (DESIGN §4). */
export class RestartSlot {
  #slot: Slot = FREE_SLOT;
  #drainUntil = Number.NEGATIVE_INFINITY;

  freeAt(): number {
    return slotFreeAt(this.#slot);
  }

  /** The same for an app whose process is proven to be stopped: its restart cannot be a mistake about a busy machine. */
  freeForProven(): number {
    return provenSlotFreeAt(this.#slot);
  }

  /** From when on an app may begin to drain: the one before has begun its restart by then. */
  drainFreeAt(): number {
    return this.#drainUntil + SLOT_SPACING_MS;
  }

  /** An app drains until then. That keeps others from draining too, and holds up no restart. */
  drain(until: number): void {
    this.#drainUntil = Math.max(this.#drainUntil, until);
  }

  /** The apps whose restarts the others wait for. */
  holdersAt(at: number): readonly string[] {
    return holdersAt(this.#slot, at);
  }

  /** Begins a restart of `name`. Release what this returns when the restart is over. */
  take(name: string, at: number): Flight {
    const flight = { name, at };
    this.#slot = take(this.#slot, flight);
    return flight;
  }

  release(flight: Flight): void {
    this.#slot = release(this.#slot, flight);
  }
}

/** The least time between the beginnings of two restarts of any apps (DESIGN §4). */
const SLOT_SPACING_MS = 5_000;

/** The same before the restart of an app whose process is proven to be stopped. */
const PROVEN_SPACING_MS = 500;

/** A restart delays the others for this time at most, even if PM2 takes longer (DESIGN §12). */
export const SLOT_HOLD_MS = 10_000;

/** At most this many restarts are in flight at a time. */
const MOST_IN_FLIGHT = 4;

/** One restart that has begun and has no result yet. */
export interface Flight {
  /** The app that it restarts, by the name that people see. */
  readonly name: string;
  readonly at: number;
}

/** The restart slot that all targets share: when one last began, and what is in flight. */
interface Slot {
  readonly takenAt: number;
  /** In the order in which they began. */
  readonly inFlight: readonly Flight[];
}

/** A slot that was never used. */
export const FREE_SLOT: Slot = { takenAt: Number.NEGATIVE_INFINITY, inFlight: [] };

/** From when on a restart may begin; Infinity while the most allowed are in flight. */
export function slotFreeAt({ takenAt, inFlight }: Slot): number {
  if (inFlight.length >= MOST_IN_FLIGHT) return Number.POSITIVE_INFINITY;
  const newest = inFlight.at(-1)?.at ?? Number.NEGATIVE_INFINITY;
  return Math.max(takenAt + SLOT_SPACING_MS, newest + SLOT_HOLD_MS);
}

/** From when on the restart of an app whose process is proven to be stopped may begin, in the same way. */
export function provenSlotFreeAt({ takenAt, inFlight }: Slot): number {
  return inFlight.length >= MOST_IN_FLIGHT ? Number.POSITIVE_INFINITY : takenAt + PROVEN_SPACING_MS;
}

/** The apps whose restarts delay others at `at`; empty where none does. */
export function holdersAt({ inFlight }: Slot, at: number): readonly string[] {
  const isFull = inFlight.length >= MOST_IN_FLIGHT;
  return inFlight.filter((each) => isFull || at < each.at + SLOT_HOLD_MS).map(({ name }) => name);
}

/** The slot after a restart began. */
export function take({ inFlight }: Slot, flight: Flight): Slot {
  return { takenAt: flight.at, inFlight: [...inFlight, flight] };
}

/** The slot after this restart ended. */
export function release(slot: Slot, flight: Flight): Slot {
  return { ...slot, inFlight: slot.inFlight.filter((each) => each !== flight) };
}
