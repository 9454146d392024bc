/**
 * A `Location` or a path as it is shown: a query may carry a token, often ours, that the app sends back
 * where it sends us on, and before a host may stand a login.
 */
export function locationText(location: string): string {
  return location
    .replace(/^([a-z][a-z0-9+.-]*:)?\/\/[^/?#\\]*@/i, '$1//…@')
    .replace(/([?#]).*$/s, '$1…');
}
