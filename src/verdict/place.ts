import type { Policy } from './policy.ts';
import type { Phase, State } from './state.ts';
import { NO_STREAK, type Failure } from './threshold.ts';
import { go, type Move } from './move.ts';

/** The phase of a target of which nothing is known but what PM2 says of its process. */
export function place(state: State, policy: Policy): Move {
  const { status, incarnation, bornAt } = state.process;
  switch (status) {
    case 'online':
    case 'transit': {
      const deadline = bornAt + policy.startupTimeoutMs;
      return go(state, {
        name: 'starting',
        incarnation: status === 'online' ? incarnation : null,
        deadline,
        streak: NO_STREAK,
        failure: null,
      });
    }
    case 'stopped':
      return go(state, { name: 'paused', cause: 'stopped', until: Number.POSITIVE_INFINITY });
    case 'gone':
      return go(state, { name: 'paused', cause: 'deleted', until: Number.POSITIVE_INFINITY });
    case 'errored':
      return open(state, policy, null, false);
  }
}

/**
 * Stops restarting until a cooldown has passed; after a failed trial (`widen`) the next cooldown
 * is twice as long, up to its cap. A new incarnation closes nothing here: the memory does.
 */
export function open(state: State, policy: Policy, failure: Failure | null, widen: boolean): Move {
  const { cooldownMs, maxCooldownMs } = policy.restarts;
  const last = state.memory.cooldownMs ?? cooldownMs;
  const next = widen ? Math.min(maxCooldownMs, last * 2) : last;
  const phase: Phase = {
    name: 'open',
    incarnation: state.process.incarnation,
    until: state.at + next,
    streak: NO_STREAK,
    failure,
  };
  return go(state, phase, { ...state.memory, cooldownMs: next });
}
