/** Whether JSON gave an object, whose keys may then be looked at one by one. */
export function isRecord(json: unknown): json is Record<string, unknown> {
  return typeof json === 'object' && json !== null && !Array.isArray(json);
}
