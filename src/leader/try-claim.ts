/** The numbered claims of a folder, each held by a living process or by none. */
export interface ClaimStore {
  /** The highest claim there is, 0 for none. */
  highest(): Promise<number>;
  /** False only where that claim's holder is gone for good; in doubt it lives. */
  isAlive(claimNumber: number): Promise<boolean>;
  /** Puts up our claim, alive from its first instant; false where the number is taken. */
  claim(claimNumber: number): Promise<boolean>;
}

/**
 * One try to become the only holder; the number held, or null. Nobody removes a dead holder's
 * claim to take its place, which is the classic race (A finds it dead, B finds it dead, removes it
 * and leads, A removes B's). A successor outbids it by one instead, and then looks again: the one that
 * is not the highest has lost. The highest number on disk never falls, so a latecomer who acts on
 * an old look either meets a taken number or finds itself outbid, however long it slept between.
 */
export async function tryClaim(store: ClaimStore): Promise<number | null> {
  const last = await store.highest();
  if (last > 0 && (await store.isAlive(last))) return null;
  const mine = last + 1;
  if (!(await store.claim(mine))) return null;
  return (await store.highest()) === mine ? mine : null;
}
