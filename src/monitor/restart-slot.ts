import {
  FREE_SLOT,
  holdersAt,
  release,
  slotFreeAt,
  take,
  type Flight,
  type Slot,
} from '../verdict/slot.ts';

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
