import { parseDuration } from './durations.ts';

/** The epoch milliseconds of a duration before `now` (`24h`), or of a time in ISO 8601; null where it is neither. */
export function parseSince(
  text: string,
  now: number,
  limits?: Parameters<typeof parseDuration>[1],
): number | null {
  try {
    return now - parseDuration(text, limits);
  } catch {
    const at = /^\d{4}-\d\d-\d\dT/.test(text) && text.length <= 40 ? Date.parse(text) : Number.NaN;
    return Number.isNaN(at) ? null : at;
  }
}
