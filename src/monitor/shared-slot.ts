import { FREE_SLOT, release, slotFreeAt, take, type Slot } from '../verdict/slot.ts';

/** The one restart slot of all workers (DESIGN §4). */
export class SharedSlot {
  #slot: Slot = FREE_SLOT;

  freeAt(): number {
    return slotFreeAt(this.#slot);
  }

  take(at: number): void {
    this.#slot = take(at);
  }

  release(): void {
    this.#slot = release(this.#slot);
  }
}
