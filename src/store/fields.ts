/** What stands in a file under names, nothing of it looked at yet. */
export type Fields = Readonly<Record<string, unknown>>;

/** True for a JSON object; a list is none. */
export function isFields(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
