import { code, table } from './markdown.ts';
import { BASE } from './rows-of-walls.ts';
import { WALLS, type Wall } from './walls.ts';

/** Every room of `src`: what it holds, and what it may import. */
export function roomsTable(): string {
  return table(
    ['in `src`', 'holds', 'imports', 'of these only types'],
    WALLS.map((wall) => [code(nameOf(wall.room)), wall.holds, imports(wall), list(wall.types)]),
  );
}

function nameOf(room: string): string {
  return room.endsWith('.ts') ? room : `${room}/`;
}

function imports({ values }: Wall): string {
  const hasBase = BASE.every((room) => values.includes(room));
  const others = values.filter((room) => !hasBase || !BASE.some((base) => base === room));
  return [...(hasBase ? ['base'] : []), ...others.map(nameOf).map(code)].join(' ') || 'nothing';
}

function list(rooms: readonly string[]): string {
  return rooms.map(nameOf).map(code).join(' ');
}
