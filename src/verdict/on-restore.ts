import type { Event } from './event.ts';
import { enter, unchanged, type Transition } from './transition.ts';
import type { Verdict } from './verdict.ts';

/**
 * Takes over what an earlier monitor remembered, read late: the next decision counts the
 * restarts of before, and a pause of the operator holds at once.
 */
export function onRestore(before: Verdict, event: Extract<Event, { type: 'restore' }>): Transition {
  const { memory, incident, pausedUntil } = event;
  const verdict = { ...before, memory, incident };
  const { state, at } = verdict;
  if (pausedUntil !== null && pausedUntil > at) {
    return enter(verdict, { name: 'paused', cause: 'operator', until: pausedUntil });
  }
  if (state.name !== 'open' || memory.openUntil === null) return unchanged(verdict);
  return enter(verdict, { ...state, until: Math.max(state.until, memory.openUntil) });
}
