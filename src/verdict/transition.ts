import type { Decision } from './decision.ts';
import type { State } from './state.ts';
import type { Memory, Verdict } from './verdict.ts';

/** The result of one step: the next verdict, and the decisions. */
export interface Transition {
  readonly verdict: Verdict;
  readonly decisions: readonly Decision[];
}

/** Nothing happens. */
export function unchanged(verdict: Verdict): Transition {
  return { verdict, decisions: [] };
}

/** Enters `state`. `since` changes only where the state's name changes. */
export function enter(verdict: Verdict, state: State, memory: Memory = verdict.memory): Transition {
  const since = state.name === verdict.state.name ? verdict.since : verdict.at;
  return { verdict: { ...verdict, state, since, memory }, decisions: [] };
}

/** The same transition with one more decision. */
export function withDecision({ verdict, decisions }: Transition, decision: Decision): Transition {
  return { verdict, decisions: [...decisions, decision] };
}
