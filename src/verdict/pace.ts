import { isBlind } from './blind.ts';
import { isRunning } from './standing.ts';
import type { Verdict } from './state.ts';

/** How often a target is asked: `idle` is not at all. */
export type Pace = 'startup' | 'normal' | 'fast' | 'idle';

/** The pace that the present state calls for (DESIGN §2). */
export function paceOf(verdict: Verdict): Pace {
  const { state, process } = verdict;
  if (!isRunning(process.status)) return 'idle';
  switch (state.name) {
    case 'starting':
      return 'startup';
    case 'halfOpen':
      return state.trial.stage === 'starting' ? 'startup' : 'idle';
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
      if (isBlind(state)) return 'normal';
      // While the checker settles all are asked on, and only not judged: to come back together from
      // a rest would be the next lag.
      return Number.isFinite(state.settled) &&
        paceOf({ ...verdict, state: state.resume }) !== 'idle'
        ? 'normal'
        : 'idle';
    case 'restarting':
    case 'paused':
      return 'idle';
  }
}
