/** One instant on three clocks, in milliseconds. */
export interface Instant {
  /** The process's monotonic clock (Clock.now). */
  readonly now: number;
  /** Since the epoch. This clock can be changed. */
  readonly wall: number;
  /** The machine's own monotonic clock: the same for all its processes, starts again at boot. */
  readonly machine: number;
}

/** When a file was written, by the two clocks that processes share. */
export type SavedAt = Omit<Instant, 'now'>;

/**
 * How much time has passed since another process wrote a time. A wall clock that was set forward by an hour
 * looks like an hour that passed. The machine's clock shows the difference, unless the machine was started
 * again; its reading then is still the least that passed. So restarts in a budget age only by the machine's
 * clock: a changed wall clock never frees a restart too early. A wait (backoff, breaker, pause) ends by the
 * clock on which more time has passed, so a night switched off counts, and it never lasts longer than what
 * was left of it at the save. If a wait ends too early, the budget still holds.
 */
interface Elapsed {
  /** The least that can have passed. */
  readonly leastMs: number;
  /** The most that has passed on any clock. */
  readonly mostMs: number;
}

/** The machine's monotonic clock in milliseconds (such as CLOCK_MONOTONIC). */
export function machineNow(): number {
  return Number(process.hrtime.bigint()) / 1e6;
}

/** The time between a save and `at`. */
export function elapsedSince(saved: SavedAt, at: Instant): Elapsed {
  const hasBooted = at.machine < saved.machine;
  const leastMs = Math.max(0, hasBooted ? at.machine : at.machine - saved.machine);
  return { leastMs, mostMs: Math.max(leastMs, at.wall - saved.wall) };
}

/** A monotonic time of this process as epoch milliseconds. */
export function toWall(mono: number, at: Instant): number {
  return clampWall(at.wall - (at.now - mono));
}

/** A past time from a file, in this process's monotonic time. Never after now, never too old. */
export function pastToMono(wall: number, saved: SavedAt, at: Instant): number {
  return at.now - Math.max(0, saved.wall - wall) - elapsedSince(saved, at).leastMs;
}

/** The end of a wait from a file, in this process's monotonic time. A wait that is over ends now. */
export function endToMono(wall: number, saved: SavedAt, at: Instant): number {
  const leftMs = Math.max(0, wall - saved.wall) - elapsedSince(saved, at).mostMs;
  return at.now + Math.max(0, leftMs);
}

/** The latest date of JavaScript: a file must stay readable after a clock was set to nonsense. */
export const LATEST_WALL = 8_640_000_000_000_000;

function clampWall(wall: number): number {
  return Math.min(LATEST_WALL, Math.max(-LATEST_WALL, wall));
}
