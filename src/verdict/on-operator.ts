import { freshBackoff } from './backoff.ts';
import { stateFromProcess } from './on-process.ts';
import type { Policy } from './policy.ts';
import { enter, unchanged, type Transition } from './transition.ts';
import { freshMemory, type Verdict } from './verdict.ts';

/** Pauses the app for the operator until `until` (monotonic milliseconds); Infinity: until `resume`. */
export function onPause(verdict: Verdict, until: number): Transition {
  return enter(verdict, { name: 'paused', cause: 'operator', until });
}

/** Ends the operator's pause; a pause for another cause stays. */
export function onResume(verdict: Verdict, policy: Policy): Transition {
  const { state } = verdict;
  const isByOperator = state.name === 'paused' && state.cause === 'operator';
  return isByOperator ? stateFromProcess(verdict, policy) : unchanged(verdict);
}

/** Clears budget, backoff and breaker for the operator. */
export function onReset(verdict: Verdict, policy: Policy): Transition {
  const { backoff, needsDeep } = verdict.memory;
  // The page is still as broken as before.
  const memory = { ...freshMemory(freshBackoff(backoff.seed).seed), needsDeep };
  const forgiven = { ...verdict, memory, skipped: null, orphansEnded: [] };
  const { state, at } = verdict;
  if (state.name === 'open' && verdict.process.status === 'errored') {
    return enter(forgiven, { ...state, until: at }, { ...memory, openUntil: at });
  }
  const isHeldBack = state.name === 'open' || state.name === 'backoff';
  return isHeldBack ? stateFromProcess(forgiven, policy) : unchanged(forgiven);
}

/**
 * Pauses an app that someone debugs (`by`); null ends that pause, and the app is judged from the start.
 */
export function onDebugger(verdict: Verdict, by: string | null, policy: Policy): Transition {
  const { state } = verdict;
  const isDebugged = state.name === 'paused' && state.cause === 'debugger';
  if (by === null) {
    return isDebugged ? stateFromProcess(withoutHeldTime(verdict), policy) : unchanged(verdict);
  }
  const isActing = state.name === 'restarting' || state.name === 'halfOpen';
  const isPaused = state.name === 'paused' && (!isDebugged || state.by === by);
  if (isActing || isPaused) return unchanged(verdict);
  return enter(verdict, { name: 'paused', cause: 'debugger', until: Number.POSITIVE_INFINITY, by });
}

/** A start that a debugger held begins when the debugger continues it. */
function withoutHeldTime(verdict: Verdict): Verdict {
  const { process, at } = verdict;
  return process.hasAnswered ? verdict : { ...verdict, process: { ...process, bornAt: at } };
}
