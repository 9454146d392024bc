import type { Policy } from '../policy.ts';
import type { Failure } from '../streak.ts';
import type { ProcessView } from '../process.ts';

/**
 * The app replaces a process of its own, and PM2's process of it keeps running. `birth`: the first process
 * that started after the last good answer. `end`: the process that listened has gone, and no other has
 * started yet.
 */
export interface OwnStart {
  readonly by: 'birth' | 'end';
  readonly pid: number;
  /** Monotonic. */
  readonly at: number;
  /** True where a watcher had waited for a saved file before, so that a file was saved. */
  readonly isSaved: boolean;
}

/** A parent that replaces a process of the app has this long to start another after one has ended. */
const BETWEEN_MS = 10_000;

/**
 * Until when such a start may take: its `startupTimeout` counts from the first birth, so that a process
 * that dies and is started again and again holds up a restart only once. Null where the failure is no
 * part of one: nobody listens, and the app had answered well before, or a person has saved a file.
 */
export function ownStartUntil(
  start: OwnStart | null | undefined,
  failure: Failure,
  { hasAnswered }: ProcessView,
  { startupTimeoutMs }: Policy,
): number | null {
  if (!start || failure.class !== 'refused') return null;
  if (!hasAnswered && !start.isSaved) return null;
  return (
    start.at + (start.by === 'birth' ? startupTimeoutMs : Math.min(BETWEEN_MS, startupTimeoutMs))
  );
}
