/** What ends a list of which not all is shown: ` and 3 more`; empty where nothing is left. */
export function andMore(left: number): string {
  return left > 0 ? ` and ${left} more` : '';
}
