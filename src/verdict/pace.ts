import { isBlind } from './blind.ts';
import { isRunning } from './standing.ts';
import type { State } from './state.ts';

/** How often a target is asked: `idle` is not at all. */
export type Pace = 'startup' | 'normal' | 'fast' | 'idle';

/** The pace that the present phase calls for (DESIGN §2). */
export function paceOf(state: State): Pace {
  const { phase, process } = state;
  if (!isRunning(process.status)) return 'idle';
  switch (phase.name) {
    case 'starting':
      return 'startup';
    case 'halfOpen':
      return phase.trial.stage === 'starting' ? 'startup' : 'idle';
    case 'failing':
    case 'backoff':
      return 'fast';
    case 'healthy':
    case 'degraded':
      return 'normal';
    case 'open':
      return 'normal';
    case 'unknown':
      // The answer to a check that does not work is not to make more of them.
      if (isBlind(phase)) return 'normal';
      // While the checker settles all are asked on, and only not judged: to come back together from
      // a rest would be the next lag.
      return Number.isFinite(phase.settled) && paceOf({ ...state, phase: phase.resume }) !== 'idle'
        ? 'normal'
        : 'idle';
    case 'restarting':
    case 'paused':
      return 'idle';
  }
}
