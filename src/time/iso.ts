import type { Clock } from './clock.ts';

/** The latest date of JavaScript; whatever lies beyond it must not throw in the middle of a status. */
const LATEST_WALL = 8_640_000_000_000_000;

/** Translates monotonic times to ISO 8601, by the wall clock of now. Never throws. */
export function isoOf(clock: Clock): (at: number) => string {
  const offset = clock.wall() - clock.now();
  return (at) => {
    const wall = Math.min(LATEST_WALL, Math.max(-LATEST_WALL, Math.round(offset + at)));
    return new Date(wall).toISOString();
  };
}
