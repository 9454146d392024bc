/** The wall clock in ms since 1970: a page has one clock, and compares it over reloads. */
export function wallNow(): number {
  return Date.now();
}
