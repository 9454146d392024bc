/** Small letters and few signs: words such as `live`, `/api/users` and `text/html`. */
const SMALL = /^[^A-Z0-9\s_-]{0,24}$/;
const FEW_DIGITS = /^\d{1,5}$/;

/**
 * True for a written text that looks like an ordinary word, and not like a key or a password. Only for places
 * that can have both: where a place always has secrets, the look of the text does not matter.
 */
export function isOrdinary(text: string): boolean {
  return SMALL.test(text) || FEW_DIGITS.test(text);
}
