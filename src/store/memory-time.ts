/** One instant, read on three clocks at once; milliseconds. */
export interface Instant {
  /** The process's monotonic clock (Clock.now). */
  readonly now: number;
  /** Since the epoch; may have been moved. */
  readonly wall: number;
  /** The machine's own monotonic clock: shared by its processes, starts again at boot. */
  readonly machine: number;
}

/** When a file was written, by the two clocks that mean something to another process. */
export type SavedAt = Omit<Instant, 'now'>;

/**
 * Times of another process, brought into ours. Nobody can tell a wall clock put forward by an hour
 * from an hour that passed; the machine's clock can, as long as it was not started again, and then
 * its reading is still the least that passed. So what is spent of a budget ages by the machine's
 * clock alone: no wall clock, wherever it moves, frees a restart too early. A wait (backoff,
 * breaker, pause) ends by the clock that says more has passed, so that a night switched off counts,
 * and never lasts longer than it had left when saved; should it end early, the budget still holds.
 */
export interface Elapsed {
  /** The least that can have passed. */
  readonly leastMs: number;
  /** The most that any clock says has passed. */
  readonly mostMs: number;
}

/** The machine's monotonic clock in milliseconds; CLOCK_MONOTONIC and its like. */
export function machineNow(): number {
  return Number(process.hrtime.bigint()) / 1e6;
}

/** What passed between a save and `at`. */
export function elapsedSince(saved: SavedAt, at: Instant): Elapsed {
  const hasBooted = at.machine < saved.machine;
  const leastMs = Math.max(0, hasBooted ? at.machine : at.machine - saved.machine);
  return { leastMs, mostMs: Math.max(leastMs, at.wall - saved.wall) };
}

/** A monotonic time of this process as epoch milliseconds. */
export function toWall(mono: number, at: Instant): number {
  return clampWall(at.wall - (at.now - mono));
}

/** A past time from a file, in this process's monotonic time: never after now, never too old. */
export function pastToMono(wall: number, saved: SavedAt, at: Instant): number {
  return at.now - Math.max(0, saved.wall - wall) - elapsedSince(saved, at).leastMs;
}

/** The end of a wait from a file, in this process's monotonic time; one that is over ends now. */
export function endToMono(wall: number, saved: SavedAt, at: Instant): number {
  const leftMs = Math.max(0, wall - saved.wall) - elapsedSince(saved, at).mostMs;
  return at.now + Math.max(0, leftMs);
}

/** The latest date of JavaScript; a clock can be set to nonsense, a file must stay readable. */
export const LATEST_WALL = 8_640_000_000_000_000;

function clampWall(wall: number): number {
  return Math.min(LATEST_WALL, Math.max(-LATEST_WALL, wall));
}
