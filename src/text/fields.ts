/** A JSON object that others wrote, not checked yet. */
export type Fields = Readonly<Record<string, unknown>>;

/** True for a JSON object, not for a list. */
export function isFields(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
