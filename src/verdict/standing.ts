import type { Event, IncarnationId, ProcessStatus } from './event.ts';
import type { State } from './state.ts';

/** True where evidence is not judged: a restart is in flight, or nobody may judge. */
export function isHeld({ phase }: State): boolean {
  if (phase.name === 'halfOpen') return phase.trial.stage === 'restarting';
  return phase.name === 'restarting' || phase.name === 'paused' || phase.name === 'unknown';
}

/** True where there is a life that can be asked. */
export function isRunning(status: ProcessStatus): boolean {
  return status === 'online' || status === 'launching';
}

/** The life that a restart would end; null for an app that PM2 gave up. */
export function lifeOf({ process }: State): IncarnationId | null {
  return process.status === 'errored' ? null : process.incarnation;
}

/** A sample of another life, or one begun before the present phase, says nothing of it. */
export function isStale(
  { process, since }: State,
  { incarnation, sample }: Extract<Event, { type: 'sample' }>,
): boolean {
  return !isRunning(process.status) || process.incarnation !== incarnation || sample.at < since;
}
