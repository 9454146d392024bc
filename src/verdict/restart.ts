import { nextBackoff } from './backoff.ts';
import { charge, hasRoom, usedAt } from './budget.ts';
import { deciding, go, stay, type Move } from './move.ts';
import { open } from './place.ts';
import type { Policy } from './policy.ts';
import { isHeld, lifeOf } from './standing.ts';
import type { Memory, Phase, State } from './state.ts';
import { NO_STREAK, type Failure, type Streak } from './threshold.ts';
import type { IncarnationId } from './event.ts';

/** How long a restart may be in flight; the longest `kill_timeout` in common use is well below. */
export const RESTART_DEADLINE_MS = 120_000;

/** What stood in the way of an order may still do so: it is not repeated with every sample. */
const SKIPPED_HOLD_MS = 10_000;

/** So many restarts in a row without one good answer, and more of them will not help. */
export const INEFFECTIVE_LIMIT = 2;

/** The evidence that a restart is due. */
export interface Proof {
  readonly incarnation: IncarnationId;
  readonly streak: Streak;
  readonly failure: Failure;
}

/** A restart is due: issues it, or holds it back by mode, breaker, budget, backoff or slot. */
export function restart(state: State, proof: Proof, slotFreeAt: number, policy: Policy): Move {
  if (policy.action === 'observe') return withhold(state, proof);
  const { at, memory } = state;
  if (memory.openUntil !== null) {
    return at < memory.openUntil
      ? open(state, policy, proof.failure, false)
      : trial(state, proof.failure, slotFreeAt, policy);
  }
  if (memory.restartsSinceOk >= INEFFECTIVE_LIMIT || !hasRoom(memory.budget, at, policy.restarts)) {
    return open(state, policy, proof.failure, false);
  }
  if (at < memory.backoff.notBefore || at < slotFreeAt) {
    return holdBack(state, proof, slotFreeAt);
  }
  const deadline = at + RESTART_DEADLINE_MS;
  const phase: Phase = { name: 'restarting', ended: proof.incarnation, deadline };
  return issue(state, phase, proof, policy);
}

/** The cooldown has passed: one trial, where budget and slot allow it. */
export function trial(
  state: State,
  failure: Failure | null,
  slotFreeAt: number,
  policy: Policy,
): Move {
  const { at, memory } = state;
  if (policy.action === 'observe') return stay(state);
  if (!hasRoom(memory.budget, at, policy.restarts) || at < slotFreeAt) return stay(state);
  const ended = lifeOf(state);
  const deadline = at + RESTART_DEADLINE_MS;
  const phase: Phase = { name: 'halfOpen', trial: { stage: 'restarting', ended, deadline } };
  return issue(state, phase, { incarnation: ended, failure }, policy);
}

/**
 * A proven left-over holds the port: the cause is known and can be ended, so neither threshold nor
 * breaker stand in the way the first time; budget, backoff and slot do. The proof is looked for
 * again meanwhile.
 */
export function reap(state: State, failure: Failure, slotFreeAt: number, policy: Policy): Move {
  const { at, memory, process } = state;
  const isFree = at >= slotFreeAt && at >= memory.backoff.notBefore;
  const hasLife = process.status === 'online' || process.status === 'errored';
  if (isHeld(state) || !hasLife) return stay(state);
  const ended = lifeOf(state);
  const proof = ended === null ? null : { incarnation: ended, streak: NO_STREAK, failure };
  if (policy.action === 'observe') return proof === null ? stay(state) : withhold(state, proof);
  const reaps = state.reaps.filter((time) => time > at - policy.restarts.withinMs);
  const isOpen = memory.openUntil !== null && at < memory.openUntil && reaps.length > 0;
  if (isOpen || !hasRoom(memory.budget, at, policy.restarts)) {
    return open(state, policy, failure, false);
  }
  // A left-over that comes again and again is how this app runs, and not for us to end.
  if (reaps.length >= INEFFECTIVE_LIMIT) return open(state, policy, failure, true);
  if (!isFree) {
    return proof === null ? stay(state) : holdBack(state, proof, slotFreeAt);
  }
  const deadline = at + RESTART_DEADLINE_MS;
  const restarting: Phase = { name: 'restarting', ended, deadline };
  const counted = { ...state, reaps: [...reaps, at] };
  return issue(counted, restarting, { incarnation: ended, failure, reap: true }, policy);
}

/** A restart is due, but not yet: backoff or slot stand in the way. */
function holdBack(state: State, proof: Proof, slotFreeAt: number): Move {
  const { at, memory } = state;
  const until = Math.max(memory.backoff.notBefore, Number.isFinite(slotFreeAt) ? slotFreeAt : at);
  return go(state, { name: 'backoff', ...proof, until });
}

/** Charges the restart to the memory and asks for it. */
function issue(
  state: State,
  phase: Phase,
  why: { incarnation: IncarnationId | null; failure: Failure | null; reap?: boolean },
  policy: Policy,
): Move {
  const { incarnation, failure, reap: isReap = false } = why;
  const { at, memory } = state;
  const charged: Memory = {
    ...memory,
    budget: charge(memory.budget, at, policy.restarts),
    backoff: nextBackoff(memory.backoff, at, policy.restarts),
    restartsSinceOk: memory.restartsSinceOk + 1,
  };
  // A reload that did not help is followed by a restart (DESIGN §5).
  const isFirst = memory.restartsSinceOk === 0 && incarnation !== null && !isReap;
  const reload = policy.action === 'reload' && isFirst;
  const pending = { at, backoff: memory.backoff };
  return deciding(go({ ...state, pending }, phase, charged), {
    type: 'restart',
    method: reload ? 'reload' : 'restart',
    incarnation,
    failure,
    trial: phase.name === 'halfOpen',
    reap: isReap,
    attempt: usedAt(charged.budget, at, policy.restarts),
  });
}

/** Takes the charge of a restart back that was never issued; the next one waits a little. */
export function takeBack(state: State): State {
  const { memory, pending, at } = state;
  if (pending === null) return state;
  const index = memory.budget.lastIndexOf(pending.at);
  const isLatest = memory.backoff.restarts === pending.backoff.restarts + 1;
  const backoff = isLatest ? pending.backoff : memory.backoff;
  const notBefore = Math.max(backoff.notBefore, at + SKIPPED_HOLD_MS);
  return {
    ...state,
    pending: null,
    memory: {
      ...memory,
      budget: memory.budget.filter((_, nth) => nth !== index),
      backoff: { ...backoff, notBefore },
      restartsSinceOk: Math.max(0, memory.restartsSinceOk - 1),
    },
  };
}

/** `observe` mode says once per incident what it would have done. */
function withhold(state: State, proof: Proof): Move {
  const move = go(state, { name: 'failing', ...proof });
  return state.incident === null
    ? deciding(move, { type: 'withheld', failure: proof.failure })
    : move;
}
