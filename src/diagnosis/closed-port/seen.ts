/** What looks alike at this many looks in a row is no moment between two processes. */
const LOOKS = 3;

/** Something seen at several looks in a row, by its pid or port. */
export interface Seen {
  readonly what: number;
  readonly looks: number;
}

/** What is seen now, after what was seen before. */
export function seeAgain(before: Seen | null, what: number): Seen {
  return { what, looks: before?.what === what ? before.looks + 1 : 1 };
}

/** What was seen often enough; null where nothing was. */
export function sureOf(seen: Seen | null): number | null {
  return seen === null || seen.looks < LOOKS ? null : seen.what;
}
