/** A source map as far as it is used here; the text of others. */
interface SourceMap {
  readonly sources: readonly (string | null)[];
  readonly mappings: string;
  readonly sourceRoot?: string;
}

/** A place in a source: line from 1. */
export interface SourcePlace {
  readonly source: string;
  readonly line: number;
}

/** Where a line from 1 and a column from 0 of a running file come from. */
export type SourceLookUp = (line: number, column: number | null) => SourcePlace | null;

const DIGITS = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/';
const VALUES = new Map(Array.from(DIGITS, (digit, value) => [digit, value]));

/** Reads the JSON of a source map (version 3, without sections); null where it is none. Never throws. */
export function parseSourceMap(json: string): SourceLookUp | null {
  try {
    const value: unknown = JSON.parse(json);
    if (!isMap(value)) return null;
    return (line, column) => placeIn(value, line, column);
  } catch {
    return null;
  }
}

function isMap(value: unknown): value is SourceMap {
  if (typeof value !== 'object' || value === null) return false;
  const { sources, mappings } = value as Partial<Record<string, unknown>>; // any JSON
  return Array.isArray(sources) && typeof mappings === 'string';
}

/** Source and line are counted on from segment to segment and from line to line, so all before are read. */
function placeIn(map: SourceMap, line: number, column: number | null): SourcePlace | null {
  let source = 0;
  let sourceLine = 0;
  let found: SourcePlace | null = null;
  for (const [index, text] of linesOf(map.mappings, line)) {
    let at = 0;
    for (const segment of text === '' ? [] : text.split(',')) {
      const [columns = 0, sources, lines] = decode(segment);
      at += columns;
      if (index === line && found !== null && (column === null || at > column)) return found;
      if (sources === undefined || lines === undefined) continue;
      source += sources;
      sourceLine += lines;
      const name = map.sources[source];
      if (index === line && typeof name === 'string')
        found = { source: `${rootOf(map)}${name}`, line: sourceLine + 1 };
    }
  }
  return found;
}

function* linesOf(mappings: string, last: number): Generator<readonly [number, string]> {
  let from = 0;
  for (let line = 1; line <= last && from <= mappings.length; line += 1) {
    const end = mappings.indexOf(';', from);
    yield [line, mappings.slice(from, end < 0 ? mappings.length : end)];
    if (end < 0) return;
    from = end + 1;
  }
}

/** Numbers in base 64, the lowest digits first; the lowest bit of each is its sign. */
function decode(segment: string): readonly number[] {
  const numbers: number[] = [];
  let value = 0;
  let shift = 0;
  for (const digit of segment) {
    const bits = VALUES.get(digit) ?? 0;
    value += (bits & 31) * 2 ** shift;
    shift += 5;
    if ((bits & 32) !== 0) continue;
    numbers.push(value % 2 === 1 ? -Math.floor(value / 2) : value / 2);
    value = 0;
    shift = 0;
  }
  return numbers;
}

function rootOf({ sourceRoot }: SourceMap): string {
  if (typeof sourceRoot !== 'string' || sourceRoot === '') return '';
  return sourceRoot.endsWith('/') ? sourceRoot : `${sourceRoot}/`;
}
