import { freshBackoff } from './backoff.ts';
import { stateFromProcess } from './on-process.ts';
import type { Policy } from './policy.ts';
import { enter, unchanged, type Transition } from './transition.ts';
import { freshMemory, type Verdict } from './verdict.ts';

/** The operator suspends monitoring until a time; Infinity is until `resume`. */
export function onPause(verdict: Verdict, until: number): Transition {
  return enter(verdict, { name: 'paused', cause: 'operator', until });
}

/** The operator's pause ends; a pause for another cause stays. */
export function onResume(verdict: Verdict, policy: Policy): Transition {
  const { state } = verdict;
  const isByOperator = state.name === 'paused' && state.cause === 'operator';
  return isByOperator ? stateFromProcess(verdict, policy) : unchanged(verdict);
}

/** The operator forgives everything: budget, backoff and breaker start from nothing. */
export function onReset(verdict: Verdict, policy: Policy): Transition {
  const memory = freshMemory(freshBackoff(verdict.memory.backoff.seed).seed);
  const forgiven = { ...verdict, memory, skipped: null, orphansEnded: [] };
  const { state, at } = verdict;
  if (state.name === 'open' && verdict.process.status === 'errored') {
    return enter(forgiven, { ...state, until: at }, { ...memory, openUntil: at });
  }
  const isHeldBack = state.name === 'open' || state.name === 'backoff';
  return isHeldBack ? stateFromProcess(forgiven, policy) : unchanged(forgiven);
}

/** An app that someone debugs (`by`) is not judged; afterwards it is judged from the start. */
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

/** A start that a debugger held begins when it is let go. */
function withoutHeldTime(verdict: Verdict): Verdict {
  const { process, at } = verdict;
  return process.hasAnswered ? verdict : { ...verdict, process: { ...process, bornAt: at } };
}
