/** Small letters and few signs: words such as `live`, `/api/users` and `text/html`. */
const SMALL = /^[^A-Z0-9\s_-]{0,24}$/;
const FEW_DIGITS = /^\d{1,5}$/;

/**
 * Whether a text that an author wrote looks like a word of the subject, and not like a key or
 * a password. Only a help where a place may hold either: what is a secret by its place is one however
 * it looks.
 */
export function isOrdinary(text: string): boolean {
  return SMALL.test(text) || FEW_DIGITS.test(text);
}
