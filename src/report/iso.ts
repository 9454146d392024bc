import type { Clock } from '../time/clock.ts';

/** Translates monotonic times to ISO 8601, by the wall clock of now. */
export function isoOf(clock: Clock): (at: number) => string {
  const offset = clock.wall() - clock.now();
  return (at) => new Date(Math.round(offset + at)).toISOString();
}
