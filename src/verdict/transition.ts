import type { Decision } from './decision.ts';
import type { Memory, Verdict } from './verdict.ts';
import type { State } from './state.ts';

/** What one step gives: the next state, and what to do about it. */
export interface Move {
  readonly verdict: Verdict;
  readonly decisions: readonly Decision[];
}

/** Nothing happens. */
export function stay(verdict: Verdict): Move {
  return { verdict, decisions: [] };
}

/** Goes to `state`; `since` moves only where the state's name does. */
export function go(verdict: Verdict, state: State, memory: Memory = verdict.memory): Move {
  const since = state.name === verdict.state.name ? verdict.since : verdict.at;
  return { verdict: { ...verdict, state, since, memory }, decisions: [] };
}

/** The same move with one more decision. */
export function deciding(move: Move, decision: Decision): Move {
  return { verdict: move.verdict, decisions: [...move.decisions, decision] };
}
