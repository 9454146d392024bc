/** The bins of a histogram of response times, each 15 % wider than the one before. */
export const BINS = 96;

const FIRST_MS = 0.25;
const GROWTH = 1.15;
const LOG_GROWTH = Math.log(GROWTH);

/** The bin of a response time: 0.25 ms and less in the first, from 146 s on in the last. */
export function binOf(ms: number): number {
  // Also for NaN.
  if (!(ms > FIRST_MS)) return 0;
  return Math.min(BINS - 1, Math.ceil(Math.log(ms / FIRST_MS) / LOG_GROWTH));
}

/** A time that stands for all of a bin, at most 7.5 % off, in milliseconds with three digits. */
export function timeOfBin(bin: number): number {
  return Number((FIRST_MS * GROWTH ** (bin - 0.5)).toPrecision(3));
}

/** The bin below which this part (0 to 1) of the counts is, itself included; null where there are none. */
export function quantileBin(counts: Uint16Array, part: number): number | null {
  let all = 0;
  for (const count of counts) all += count;
  if (all === 0) return null;
  const rank = Math.max(1, Math.ceil(all * part));
  let seen = 0;
  for (let bin = 0; bin < BINS; bin += 1) {
    seen += counts[bin] ?? 0;
    if (seen >= rank) return bin;
  }
  return BINS - 1;
}
