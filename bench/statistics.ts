/** The value below which the share `q` of the values lies; the upper neighbour where it falls between two. */
export function quantile(values: readonly number[], q: number): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * q))] ?? Number.NaN;
}

/** The middle value; the upper one of two. */
export function median(values: readonly number[]): number {
  return quantile(values, 0.5);
}

export function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}

/** Points of a graph. */
type Points = readonly (readonly [x: number, y: number])[];

/** The slope of the line of best fit (least squares). */
export function slopeOf(points: Points): number {
  const meanX = mean(points.map(([x]) => x));
  const meanY = mean(points.map(([, y]) => y));
  const covariance = mean(points.map(([x, y]) => (x - meanX) * (y - meanY)));
  return covariance / mean(points.map(([x]) => (x - meanX) ** 2));
}

/** The exponent of the power law of best fit: 1 is linear, 2 quadratic. */
export function exponentOf(points: Points): number {
  return slopeOf(points.map(([x, y]) => [Math.log(x), Math.log(y)] as const));
}

/**
 * How much more the counts of equal spans differ than those of independent events would (variance ÷ mean): 1
 * is random, less is more even, 100 is a hundred at a time.
 */
export function dispersion(times: readonly number[], spanMs: number): number {
  const first = Math.min(...times.slice(0, 1_000));
  const counts: number[] = [];
  for (const time of times) {
    const span = Math.max(0, Math.floor((time - first) / spanMs));
    counts[span] = (counts[span] ?? 0) + 1;
  }
  const filled = Array.from(counts, (count) => count ?? 0);
  const average = mean(filled);
  return mean(filled.map((count) => (count - average) ** 2)) / average;
}
