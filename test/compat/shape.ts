/** A JSON value. */
export type Json =
  | null
  | boolean
  | number
  | string
  | readonly Json[]
  | { readonly [key: string]: Json };

/**
 * What of the shape of `before` is missing in `now`, as paths: a key that is gone, or a value of another
 * type. A value that was null may be anything; of a list each item counts as the same place.
 */
export function missingIn(now: Json | undefined, before: Json, path = ''): string[] {
  if (now === undefined) return [`${path}: gone`];
  if (before === null || now === null) return [];
  if (kindOf(now) !== kindOf(before)) return [`${path}: ${kindOf(now)}, was ${kindOf(before)}`];
  if (Array.isArray(before)) return missingInList(now, before, path);
  if (typeof before !== 'object') return [];
  return Object.entries(before).flatMap(([key, value]) =>
    missingIn((now as { [key: string]: Json })[key], value, `${path}.${key}`),
  );
}

function missingInList(now: Json, before: readonly Json[], path: string): string[] {
  const items = now as readonly Json[];
  const [last] = items.slice(-1);
  if (last === undefined) return [];
  return before.flatMap((item) => missingIn(last, item, `${path}[]`));
}

function kindOf(value: Json): string {
  return Array.isArray(value) ? 'list' : typeof value;
}
