import type { Decision } from './event.ts';
import type { Memory, Phase, State } from './state.ts';

/** What one step gives: the next state, and what to do about it. */
export interface Move {
  readonly state: State;
  readonly decisions: readonly Decision[];
}

/** Nothing happens. */
export function stay(state: State): Move {
  return { state, decisions: [] };
}

/** Goes to `phase`; `since` moves only where the phase's name does. */
export function go(state: State, phase: Phase, memory: Memory = state.memory): Move {
  const since = phase.name === state.phase.name ? state.since : state.at;
  return { state: { ...state, phase, since, memory }, decisions: [] };
}

/** The same move with one more decision. */
export function deciding(move: Move, decision: Decision): Move {
  return { state: move.state, decisions: [...move.decisions, decision] };
}
