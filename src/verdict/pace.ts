import { isBlind } from './blind.ts';
import { isRunning } from './standing.ts';
import type { State } from './state.ts';

/** How often a target is asked: `idle` is not at all. */
export type Pace = 'startup' | 'normal' | 'fast' | 'idle';

/** The pace that the present phase calls for (DESIGN §2). */
export function paceOf({ phase, process }: State): Pace {
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
      return isBlind(phase) ? 'normal' : 'idle';
    case 'restarting':
    case 'paused':
      return 'idle';
  }
}
