import type { Policy } from '../verdict/policy.ts';
import { freshMemory, initialState, type State } from '../verdict/state.ts';
import { step } from '../verdict/step.ts';
import type { Recalled } from '../monitor/worker/worker-deps.ts';

/** The state of a target that begins to be watched, with what an earlier monitor knew of it; `seed` is for a new one. */
export function stateFrom(
  recalled: Recalled | null,
  at: number,
  seed: number,
  policy: Policy,
): State {
  const state = initialState(at, recalled?.memory ?? freshMemory(seed), recalled?.carried);
  const until = recalled?.pausedUntil ?? at;
  return until > at ? step(state, { type: 'pause', at, until }, policy).state : state;
}
