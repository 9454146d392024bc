import type { Event, IncarnationId, ProcessStatus } from './event.ts';
import type { Verdict } from './state.ts';

/** True where evidence is not judged: a restart is in flight, or nobody may judge. */
export function isHeld({ state }: Verdict): boolean {
  if (state.name === 'halfOpen') return state.trial.stage === 'restarting';
  return state.name === 'restarting' || state.name === 'paused' || state.name === 'unknown';
}

/** True where there is a life that can be asked. */
export function isRunning(status: ProcessStatus): boolean {
  return status === 'online' || status === 'launching';
}

/** The life that a restart would end; null for an app that PM2 gave up. */
export function lifeOf({ process }: Verdict): IncarnationId | null {
  return process.status === 'errored' ? null : process.incarnation;
}

/** A sample of another life, or one begun before the present state, says nothing of it. */
export function isStale(
  { process, since }: Verdict,
  { incarnation, sample }: Extract<Event, { type: 'sample' }>,
): boolean {
  return !isRunning(process.status) || process.incarnation !== incarnation || sample.at < since;
}
