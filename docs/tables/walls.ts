import { BASE, ROWS } from './rows-of-walls.ts';

/** Rooms that import no package and nothing of Node: what they do depends on what they are given alone. */
const PURE: readonly string[] = [
  'errors.ts',
  'heartbeat.ts',
  'verdict',
  'verdict/start',
  'verdict/incident',
  'verdict/unknown',
];

/**
 * Who may import what. The lint rules in `.oxlintrc.json` and the table in docs/DESIGN.md are made of this list
 * (`npm run docs`). A folder without a row has the walls of the room in `src` that it is in.
 */
export const WALLS = ROWS.map(([room, holds, values, types]) => ({
  room,
  holds,
  values: roomsOf(values),
  types: roomsOf(types ?? ''),
  isPure: PURE.includes(room),
}));

export type Wall = (typeof WALLS)[number];

function roomsOf(text: string): readonly string[] {
  return text.split(' ').flatMap((room) => (room === 'base' ? BASE : room === '' ? [] : [room]));
}
