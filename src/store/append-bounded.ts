/** How many of the first entries of a long trail are kept, and how many of the last. */
const FIRST = 10;
const LAST = 30;

/** Adds an entry; of a long trail the middle is left out. */
export function appendBounded<Item>(items: readonly Item[], item: Item): readonly Item[] {
  return items.length < FIRST + LAST
    ? [...items, item]
    : [...items.slice(0, FIRST), ...items.slice(FIRST + 1), item];
}
