/** No two restarts of any apps begin closer together than this (DESIGN §4). */
export const SLOT_SPACING_MS = 5_000;

/** The one restart slot that all targets share: whether it is taken, and when it was last. */
export interface Slot {
  readonly takenAt: number;
  readonly isTaken: boolean;
}

/** A slot nobody has used yet. */
export const FREE_SLOT: Slot = { takenAt: Number.NEGATIVE_INFINITY, isTaken: false };

/** From when on a restart may begin; Infinity while another one is in flight. */
export function slotFreeAt({ takenAt, isTaken }: Slot): number {
  return isTaken ? Number.POSITIVE_INFINITY : takenAt + SLOT_SPACING_MS;
}

/** The slot after a restart began at `at`. */
export function take(at: number): Slot {
  return { takenAt: at, isTaken: true };
}

/** The slot after that restart ended. */
export function release(slot: Slot): Slot {
  return { ...slot, isTaken: false };
}
