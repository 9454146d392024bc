/**
 * A `Location` or a path as it is shown: without the query, which may have a token (often our own, sent back
 * by the app), and without a login before the host.
 */
export function locationText(location: string): string {
  return location
    .replace(/^([a-z][a-z0-9+.-]*:)?\/\/[^/?#\\]*@/i, '$1//…@')
    .replace(/([?#]).*$/s, '$1…');
}
