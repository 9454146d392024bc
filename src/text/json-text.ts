import { sanitize } from './sanitize.ts';

/** JSON that says exactly what `data` does, and that no terminal obeys: such characters are escaped. */
export function jsonText(data: unknown, indent = 0): string {
  return sanitize('json', JSON.stringify(data, null, indent));
}
