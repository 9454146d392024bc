import { openBreaker } from './breaker.ts';
import { isHeldByDependency } from './dependency/dependency.ts';
import type { RestartEvidence } from './event.ts';
import { lossIn, startLost } from './pm2-fault/lost.ts';
import { stateFromProcess } from './on-process.ts';
import type { Policy } from './policy.ts';
import { revive, startTrial } from './restart.ts';
import type { Trial } from './state.ts';
import { isStuck } from './pm2-fault/stuck.ts';
import { unchanged, type Transition } from './transition.ts';
import { isCalm, type Verdict } from './verdict.ts';

/** A trial without any sample is given up this long after its startup time. */
const TRIAL_MARGIN_MS = 30_000;

/** True where time alone changes nothing: the usual case. */
export function isAtRest(verdict: Verdict): boolean {
  return isCalm(verdict) && verdict.process.status === 'online';
}

/**
 * Changes that time alone brings: a pause ends, a restart in flight is given up, an errored app gets its
 * trial.
 */
export function onTick(verdict: Verdict, evidence: RestartEvidence, policy: Policy): Transition {
  const { state, at, process } = verdict;
  if (state.name === 'paused' && at >= state.until) return stateFromProcess(verdict, policy);
  if (state.name === 'restarting' && at >= state.deadline) return stateFromProcess(verdict, policy);
  if (state.name === 'halfOpen' && isOverdue(state.trial, verdict)) {
    return openBreaker(verdict, policy, lossIn(verdict), true);
  }
  if (state.name === 'open' && process.status === 'errored' && at >= state.until) {
    return startTrial(verdict, null, evidence, policy);
  }
  if (isStuck(state) && process.status === 'errored') return revive(verdict, evidence, policy);
  return process.status === 'lost' ? startLost(verdict, evidence, policy) : unchanged(verdict);
}

/**
 * True for a trial whose restart hangs, whose new process PM2 never shows, or which exits again and
 * again.
 */
function isOverdue({ stage, deadline }: Trial, verdict: Verdict): boolean {
  const { at } = verdict;
  if (stage === 'starting' && isHeldByDependency(verdict)) return false;
  return at >= deadline + (stage === 'restarting' ? 0 : TRIAL_MARGIN_MS);
}
