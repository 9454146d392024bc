import { posix } from 'node:path';
import { PACKAGES } from './packages.ts';
import { WALLS, type Wall } from './walls.ts';

/** One entry of `patterns` in oxlint's no-restricted-imports. Its regexes know no lookahead: exceptions are a group. */
interface Pattern {
  readonly regex?: string;
  readonly group?: readonly string[];
  readonly allowTypeImports?: true;
  readonly message: string;
}

interface Override {
  readonly files: readonly string[];
  readonly rules: Readonly<Record<string, unknown>>;
}

const RULE = 'no-restricted-imports';
const SOURCE = '(docs/tables/walls.ts)';

/** The overrides of `.oxlintrc.json` that keep the walls; a later one takes the place of an earlier. */
export function wallOverrides(): readonly Override[] {
  const files = Object.values(PACKAGES)
    .flat()
    .filter((owner) => owner.endsWith('.ts'));
  return [
    ...WALLS.map((wall) => overrideOf(wall, wall.room)),
    ...files.map((file) => overrideOf(wallOf(posix.dirname(file)), file)),
  ];
}

/** The configuration with these overrides in place of the ones that it has of its walls. */
export function withWalls(config: { readonly overrides: readonly Override[] }): object {
  const others = config.overrides.filter(({ rules }) => !Array.isArray(rules[RULE]));
  return { ...config, overrides: [...wallOverrides(), ...others] };
}

function wallOf(room: string): Wall {
  const wall = WALLS.find((each) => each.room === room);
  if (wall === undefined) throw new Error(`${room} has no row`);
  return wall;
}

function overrideOf(wall: Wall, files: string): Override {
  const patterns = [...packagePatterns(wall, files), ...roomPatterns(wall)];
  return { files: [globOf(files)], rules: { [RULE]: ['error', { patterns }] } };
}

/** A room in `src` itself speaks for the folders in it that have no row; any other for its own files alone. */
function globOf(room: string): string {
  if (room.endsWith('.ts')) return `src/${room}`;
  return room.includes('/') ? `src/${room}/*.ts` : `src/${room}/**/*.ts`;
}

function packagePatterns(wall: Wall, files: string): readonly Pattern[] {
  if (wall.isPure) {
    return [
      { regex: '^[^.]', message: `src/${wall.room} imports no package and nothing of Node.` },
    ];
  }
  const foreign = Object.entries(PACKAGES)
    .filter(([, owners]) => !owners.some((owner) => isIn(files, owner)))
    .map(([name]) => name);
  return [
    {
      regex: `^(${foreign.join('|')})(/|$)`,
      message: `Each package is imported in its own place alone ${SOURCE}.`,
    },
  ];
}

/** What is forbidden, what is allowed as types, and rooms of which only some files are allowed. */
function roomPatterns(wall: Wall): readonly Pattern[] {
  const forbidden: string[] = [];
  const typesOnly: string[] = [];
  const partly: Pattern[] = [];
  for (const room of neighboursOf(wall.room)) {
    if (wall.values.includes(room)) continue;
    const files = wall.values.filter((file) => isIn(file, room) && !isIn(wall.room, room));
    if (wall.types.includes(room)) typesOnly.push(room);
    else if (files.length > 0) partly.push(partOf(wall.room, room, files));
    else forbidden.push(room);
  }
  return [
    ...patternOf(wall.room, forbidden, `src/${wall.room} may not import this`),
    ...patternOf(wall.room, typesOnly, `src/${wall.room} may import only types from here`).map(
      (pattern) => ({ ...pattern, allowTypeImports: true }) as const,
    ),
    ...partly,
  ];
}

/** The rooms beside this one and beside each of the rooms that it is in, and those rooms themselves. */
function neighboursOf(room: string): readonly string[] {
  const around = (other: string): boolean => isIn(room, other);
  return WALLS.map((wall) => wall.room).filter((other) => {
    const parent = posix.dirname(other);
    return other !== room && (parent === '.' || (around(parent) && parent !== room));
  });
}

function isIn(path: string, room: string): boolean {
  return path === room || path.startsWith(`${room}/`);
}

function partOf(from: string, room: string, files: readonly string[]): Pattern {
  // A room beside this one is named in an import without the room that both are in.
  const shared = isIn(from, posix.dirname(room)) ? posix.dirname(room).length + 1 : 0;
  const named = (path: string): string => `**/${path.slice(shared)}`;
  return {
    group: [`${named(room)}/**`, ...files.map((file) => `!${named(file)}`)],
    message: `Of src/${room} only ${files.join(', ')} may be imported here ${SOURCE}.`,
  };
}

function patternOf(from: string, rooms: readonly string[], text: string): readonly Pattern[] {
  if (rooms.length === 0) return [];
  const byPrefix = new Map<string, string[]>();
  for (const room of rooms) {
    const { prefix, rest } = specifierOf(from, room);
    byPrefix.set(prefix, [...(byPrefix.get(prefix) ?? []), rest]);
  }
  const ways = [...byPrefix].map(([prefix, rests]) => `${prefix}(${rests.join('|')})`);
  return [{ regex: `^(${ways.join('|')})`, message: `${text} ${SOURCE}.` }];
}

/** How an import of a room begins, as a regex. A room in `src` is reached from any depth. */
function specifierOf(
  from: string,
  room: string,
): { readonly prefix: string; readonly rest: string } {
  const name = posix.basename(room).replace('.', '\\.');
  const rest = room.endsWith('.ts') ? `${name}$` : `${name}/`;
  if (from.endsWith('.ts')) return { prefix: '\\./', rest };
  if (!from.includes('/')) return { prefix: '(\\.\\./)+', rest };
  const up = (to: string): string => '\\.\\./'.repeat(depthOf(from) - depthOf(to));
  if (isIn(from, room)) return { prefix: up(room), rest: '[^/]+\\.ts$' };
  return { prefix: up(posix.dirname(room)), rest };
}

function depthOf(room: string): number {
  return room === '.' ? 0 : room.split('/').length;
}
