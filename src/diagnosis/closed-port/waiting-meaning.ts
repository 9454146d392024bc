import type { Observation } from '../../target/observation.ts';
import { portsTakenIn } from '../port-taken.ts';
import { readLastError, type LogFiles } from './last-error.ts';
import type { Watcher } from './waiting-watcher.ts';

/** What is known of an app whose watcher has nothing to run. */
interface WaitingEvidence {
  /** What the app wrote before this time (wall milliseconds) is old. */
  readonly sinceWall: number;
  /**
   * Whether its source was saved since it last answered well, and that it never did is as good as a save; null
   * where that is not known.
   */
  readonly isSaved: () => Promise<boolean | null>;
  /** True while its first start may still take its time: a compiler in the watcher itself is at work. */
  readonly mayStart: boolean;
  /** The port that is probed; null where the probe has none. */
  readonly port: number | null;
  readonly files: LogFiles;
}

/** What it means that a watcher has nothing to run. A final failure is one that only a restart ends. */
export type WaitingMeaning =
  | { readonly class: 'source'; readonly detail: string }
  | { readonly class: 'refused'; readonly detail: string; readonly isFinal: true };

/**
 * Says why a watcher has nothing to run, by the last error in the app's log; null where it has not come to start
 * the app. An app that found its port taken does not need a saved file but another start, now that nobody has
 * the port. Nor does one that worked until it ended without an error, with the same source: a signal has
 * killed it, for example for lack of memory.
 */
export async function waitingMeaning(
  { name, pid }: Watcher,
  app: Observation,
  { sinceWall, isSaved, mayStart, port, files }: WaitingEvidence,
): Promise<WaitingMeaning | null> {
  const error = await readLastError(app, sinceWall, files);
  if (error === null && mayStart) return null;
  const waits = `${name} (pid ${pid}) waits until a file is saved`;
  if (error !== null && isTaken(error, port)) {
    const detail = `the app found its port taken and has ended, and ${waits}: ${error}`;
    return { class: 'refused', detail, isFinal: true };
  }
  if (error === null && (await isSaved()) === false) {
    const detail = `the app was killed or has ended without an error, no file was saved, and ${waits}`;
    return { class: 'refused', detail, isFinal: true };
  }
  const why = error === null ? '' : `: ${error}`;
  return { class: 'source', detail: `the app has ended, and ${waits}${why}` };
}

function isTaken(error: string, port: number | null): boolean {
  const ports = portsTakenIn(error, true);
  if (ports === null) return false;
  return ports.length === 0 || (port !== null && ports.includes(port));
}
