/** The numbered claims of a folder, each held by a live process or by none. */
export interface ClaimStore {
  /** The highest claim; 0 where there is none. */
  highest(): Promise<number>;
  /** False only where the holder of the claim is surely gone; in doubt true. */
  isAlive(claimNumber: number): Promise<boolean>;
  /** Makes our claim, alive from the beginning; false where the number is taken. */
  claim(claimNumber: number): Promise<boolean>;
}

/**
 * Tries once to become the only holder; returns the number, or null. A dead holder's claim is never removed,
 * which is the classic race (A finds it dead; B finds it dead, removes it and leads; A removes B's). Instead,
 * a process makes a claim with the next higher number, and then checks again: a claim that is not the highest
 * has lost. The highest number on disk never becomes lower, so a process that acts on an old look either
 * finds the number taken, or a higher one, no matter how long it slept in between.
 */
export async function tryClaim(store: ClaimStore): Promise<number | null> {
  const last = await store.highest();
  if (last > 0 && (await store.isAlive(last))) return null;
  const mine = last + 1;
  if (!(await store.claim(mine))) return null;
  return (await store.highest()) === mine ? mine : null;
}
