import { readJson } from '../../text/read-json.ts';

/** A package.json is read up to 256 KiB; one of a person has a few levels. */
const [MOST_CHARACTERS, DEEPEST] = [256 * 1024, 100];

/** A package.json as far as we read it; null where it is none. */
export function parseOrNull(text: string | null): Readonly<Record<string, unknown>> | null {
  if (text === null) return null;
  const read = readJson(text, { mostCharacters: MOST_CHARACTERS, deepest: DEEPEST });
  if (!read.ok) return null;
  const { value } = read;
  const isObject = typeof value === 'object' && value !== null && !Array.isArray(value);
  // JSON objects have no other keys than texts.
  return isObject ? (value as Record<string, unknown>) : null;
}

/** Whether a package.json names packages that are to be in node_modules. */
export function needsModules(manifest: Readonly<Record<string, unknown>> | null): boolean {
  if (manifest === null) return false;
  return ['dependencies', 'devDependencies', 'optionalDependencies'].some((key) => {
    const names = manifest[key];
    return typeof names === 'object' && names !== null && Object.keys(names).length > 0;
  });
}
