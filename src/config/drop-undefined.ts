/**
 * A copy without the undefined keys, because `exactOptionalPropertyTypes` separates missing from undefined.
 */
export function dropUndefined<Value extends object>(
  value: Value,
): { [Key in keyof Value]?: Exclude<Value[Key], undefined> } {
  const entries = Object.entries(value).filter(([, item]) => item !== undefined);
  // `as`: fromEntries loses the type of the keys.
  return Object.fromEntries(entries) as { [Key in keyof Value]?: Exclude<Value[Key], undefined> };
}
