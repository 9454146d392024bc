import type { Policy } from './policy.ts';
import { NO_STREAK, type Failure } from './streak.ts';
import { enter, type Transition } from './transition.ts';
import type { Memory, Verdict } from './verdict.ts';

/**
 * Stops restarting until a cooldown has passed. A new incarnation, or failures of another kind, do not
 * end the cooldown and do not start it again: it stays in the memory until the app answers well.
 */
export function openBreaker(
  verdict: Verdict,
  policy: Policy,
  failure: Failure | null,
  widen: boolean,
): Transition {
  const memory = startCooldown(verdict, policy, widen);
  const state = { name: 'open', until: memory.openUntil, streak: NO_STREAK, failure } as const;
  return enter(verdict, state, memory);
}

/**
 * The memory of an open breaker. After a failed trial the cooldown doubles, up to its cap; not after one
 * that a save brought on: a person who tries five fixes does not wait for hours after the last one.
 */
export function startCooldown(
  { memory, at, state }: Verdict,
  policy: Policy,
  isTrialFailed: boolean,
): Memory & { readonly openUntil: number } {
  const isBySave = state.name === 'halfOpen' && state.saved !== undefined;
  const widen = isTrialFailed && !isBySave;
  const { cooldownMs, maxCooldownMs } = policy.restarts;
  const last = memory.cooldownMs ?? cooldownMs;
  const next = widen ? Math.min(maxCooldownMs, last * 2) : last;
  const isRunning = !isTrialFailed && memory.openUntil !== null && memory.openUntil > at;
  return { ...memory, cooldownMs: next, openUntil: isRunning ? memory.openUntil : at + next };
}
