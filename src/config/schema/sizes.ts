import { badValue } from '../bad-value.ts';

const UNIT_BYTES: Readonly<Record<string, number>> = { K: 1024, M: 1024 ** 2, G: 1024 ** 3 };
const SIZE = /^(\d{1,9}(?:\.\d{1,9})?)([KMG])B?$/;
const MIN_BYTES = 1024 ** 2;
const MAX_BYTES = 1024 ** 4;

/**
 * The bytes of a size in PM2's own notation: `'512M'`, `'1.5G'`, also `'512MB'`; K, M and G are
 * powers of 1024. Throws ERR_CONFIG on anything else, and outside 1M to 1024G.
 */
export function parseSize(input: unknown): number {
  const [, count, unit] = (typeof input === 'string' ? SIZE.exec(input) : null) ?? [];
  const unitBytes = UNIT_BYTES[unit ?? ''];
  if (count === undefined || unitBytes === undefined) {
    throw badValue(input, "write a number with a unit (K, M or G), like '512M'");
  }
  const bytes = Math.round(Number(count) * unitBytes);
  if (bytes < MIN_BYTES) throw badValue(input, "write at least '1M'");
  if (bytes > MAX_BYTES) throw badValue(input, "write at most '1024G'");
  return bytes;
}

/** The shortest text that `parseSize` reads back, exact to a kilobyte. */
export function formatSize(bytes: number): string {
  const units = Object.entries(UNIT_BYTES).toReversed();
  const [unit, size] = units.find(([, each]) => bytes % each === 0) ?? ['K', 1024];
  return `${Math.round(bytes / size)}${unit}`;
}
