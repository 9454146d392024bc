import type { Clock } from './clock.ts';

/** The latest date of JavaScript: a later time must not throw while a status is built. */
const LATEST_WALL = 8_640_000_000_000_000;

/** Makes a function that turns monotonic times into ISO 8601, by the present wall clock. Never throws. */
export function isoOf(clock: Clock): (at: number) => string {
  const offset = clock.wall() - clock.now();
  return (at) => wallIso(offset + at);
}

/** A wall time in epoch milliseconds as ISO 8601. Never throws. */
export function wallIso(at: number): string {
  return new Date(Math.min(LATEST_WALL, Math.max(-LATEST_WALL, Math.round(at)))).toISOString();
}
