import { sanitize } from './sanitize.ts';

/** The exact JSON of `data`, with characters escaped that a terminal would execute. */
export function jsonText(data: unknown, indent = 0): string {
  return sanitize('json', JSON.stringify(data, null, indent));
}
