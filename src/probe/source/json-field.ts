/** The most that is read of one text of an error; its first lines have the reason. */
const MAX_FIELD_CHARS = 8_192;

/** The text after a key, up to the cap; undefined where no text follows. */
export function stringAfter(json: string, key: string): string | undefined {
  const begin = json.indexOf(`${key}"`);
  if (begin === -1) return undefined;
  const literal = json.slice(begin + key.length, begin + key.length + MAX_FIELD_CHARS);
  let end = 1;
  while (end < literal.length && literal[end] !== '"') {
    const step = literal[end] !== '\\' ? 1 : literal[end + 1] === 'u' ? 6 : 2;
    if (end + step > literal.length) break; // drop an escape that was cut in two
    end += step;
  }
  const text = parsed(`${literal.slice(0, end)}"`);
  return typeof text === 'string' ? text : undefined;
}

/** The small object after a key; empty where there is none. */
export function objectAfter(json: string, key: string): Readonly<Record<string, unknown>> {
  const begin = json.indexOf(`${key}{`);
  const literal =
    begin === -1 ? '' : json.slice(begin + key.length, begin + key.length + MAX_FIELD_CHARS);
  let end = -1;
  // The name of a file may have a brace.
  for (let tries = 0; tries < 5; tries += 1) {
    end = literal.indexOf('}', end + 1);
    if (end === -1) break;
    const value = parsed(literal.slice(0, end + 1));
    if (typeof value === 'object' && value !== null) return { ...value };
  }
  return {};
}

function parsed(json: string): unknown {
  try {
    return JSON.parse(json);
  } catch {
    return undefined; // not JSON after all
  }
}
