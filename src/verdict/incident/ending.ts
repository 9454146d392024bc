import type { Failure } from '../streak.ts';
import type { Verdict } from '../verdict.ts';
import { isRestless } from './unstable.ts';

/** An app that closed its port has this long to end, and PM2 to start it again. */
const ENDING_MS = 10_000;

/**
 * True where an app that PM2 restarts again and again has closed its port: its process ends, or has ended
 * and PM2 has not said so yet. PM2 gets 10 s to restart it.
 */
export function isEnding(
  { state, process, restartRun, at, since }: Verdict,
  { class: name }: Failure,
): boolean {
  if (name !== 'refused' && name !== 'reset') return false;
  if (!process.hasAnswered || !isRestless(restartRun, at)) return false;
  if (state.name === 'failing' || state.name === 'starting') return at - since < ENDING_MS;
  return state.name !== 'backoff';
}
