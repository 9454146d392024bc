/** What a contest is fought on: numbered claims, each held up by a living process or by none. */
export interface Arena {
  /** The highest claim there is, 0 for none. */
  highest(): Promise<number>;
  /** False only where that claim's holder is gone for good; in doubt it lives. */
  isAlive(generation: number): Promise<boolean>;
  /** Puts up our claim, alive from its first instant; false where the number is taken. */
  claim(generation: number): Promise<boolean>;
}

/**
 * One try to become the only holder; the number held, or null. Nobody removes a dead holder's
 * claim to take its place, which is the classic race (A finds it dead, B finds it dead, removes it
 * and leads, A removes B's). A successor outbids it by one instead, and then looks again: whoever
 * is not the highest has lost. The highest number on disk never falls, so a latecomer who acts on
 * an old look either meets a taken number or finds itself outbid, however long it slept between.
 */
export async function contest(arena: Arena): Promise<number | null> {
  const last = await arena.highest();
  if (last > 0 && (await arena.isAlive(last))) return null;
  const mine = last + 1;
  if (!(await arena.claim(mine))) return null;
  return (await arena.highest()) === mine ? mine : null;
}
