import { openBreaker } from './breaker.ts';
import { isHeldByDependency } from './dependency/dependency.ts';
import type { Event } from './event.ts';
import { isOtherLoss, onLost, waitToStart } from './pm2-fault/lost.ts';
import type { Policy } from './policy.ts';
import { isRunning } from './process.ts';
import { isRestarting } from './state.ts';
import { NO_STREAK } from './streak.ts';
import { isStuck, STUCK, waitUntilGone } from './pm2-fault/stuck.ts';
import { enter, unchanged, type Transition } from './transition.ts';
import type { Verdict } from './verdict.ts';

type ProcessEvent = Extract<Event, { type: 'process' }>;

/** Takes over what PM2 says of the process. A new incarnation starts without failures. */
export function onProcess(before: Verdict, event: ProcessEvent, policy: Policy): Transition {
  const verdict = updateProcess(before, event);
  const { state, process } = verdict;
  if (state.name === 'paused' && state.cause === 'operator') return unchanged(verdict);
  if (isStillDebugged(before, verdict)) return unchanged(verdict);
  if (isNothingNew(before, verdict)) return unchanged(verdict);
  switch (process.status) {
    case 'stopped':
    case 'gone':
    case 'unwatched':
      return stateFromProcess(verdict, policy);
    case 'stuck':
      // Our own restart reports this itself.
      return isRestarting(state) ? unchanged(verdict) : stateFromProcess(verdict, policy);
    case 'lost':
      return onLost(before, verdict, policy);
    case 'errored':
      if (isStuck(state) && policy.action !== 'observe') return unchanged(verdict);
      return state.name === 'halfOpen'
        ? openBreaker(verdict, policy, null, !isHeldByDependency(verdict))
        : stateFromProcess(verdict, policy);
    case 'transit':
      return isRestarting(state) || state.name === 'halfOpen' || isStuck(state)
        ? unchanged(verdict)
        : stateFromProcess(verdict, policy);
    case 'launching':
    case 'online':
      if (state.name === 'restarting' && state.ended === process.incarnation) {
        return unchanged(verdict);
      }
      return state.name === 'halfOpen'
        ? continueTrial(verdict, policy)
        : stateFromProcess(verdict, policy);
  }
}

/** The state of a target of which only PM2's view of the process is known. */
export function stateFromProcess(verdict: Verdict, policy: Policy): Transition {
  const { status, incarnation, bornAt, hasAnswered } = verdict.process;
  switch (status) {
    case 'online':
    case 'launching':
    case 'transit': {
      // An incarnation that has answered once has come up, also where it is judged from the start again.
      const deadline = hasAnswered ? verdict.at : bornAt + policy.startupTimeoutMs;
      return enter(verdict, {
        name: 'starting',
        incarnation: status === 'transit' ? null : incarnation,
        deadline,
        streak: NO_STREAK,
        failure: null,
      });
    }
    case 'stuck':
      return waitUntilGone(verdict, STUCK);
    case 'lost':
      return waitToStart(verdict);
    case 'stopped':
      return enter(verdict, { name: 'paused', cause: 'stopped', until: Number.POSITIVE_INFINITY });
    case 'gone':
      return enter(verdict, { name: 'paused', cause: 'deleted', until: Number.POSITIVE_INFINITY });
    case 'unwatched':
      return enter(verdict, {
        name: 'paused',
        cause: 'unwatched',
        until: Number.POSITIVE_INFINITY,
      });
    case 'errored':
      return openBreaker(verdict, policy, null, false);
  }
}

/** Updates the process view. A known incarnation keeps its time of birth. */
function updateProcess(
  verdict: Verdict,
  { status, incarnation, ageMs, at, lost }: ProcessEvent,
): Verdict {
  const { process } = verdict;
  const isKnown = incarnation === null || incarnation === process.incarnation;
  return {
    ...verdict,
    skipped: isKnown ? verdict.skipped : null,
    process: {
      status,
      // Between two incarnations the last id is kept, to distinguish a new one from the old one.
      incarnation: incarnation ?? process.incarnation,
      bornAt: isKnown ? process.bornAt : at - Math.max(0, ageMs),
      hasAnswered: isKnown && process.hasAnswered,
      ...(lost && { lost }),
    },
  };
}

/** A debugger holds one incarnation: while it is online, it stays paused. */
function isStillDebugged(before: Verdict, { state, process }: Verdict): boolean {
  const isSame = process.incarnation === before.process.incarnation && isRunning(process.status);
  return state.name === 'paused' && state.cause === 'debugger' && isSame;
}

/** True where neither status nor incarnation has changed: PM2 says the same in every poll. */
function isNothingNew(before: Verdict, { process, state }: Verdict): boolean {
  const isPaused = state.name === 'paused';
  const isAwaited = state.name === 'starting' && state.incarnation === null;
  if ((isPaused || isAwaited) && isRunning(process.status)) return false;
  if (process.incarnation !== before.process.incarnation) return false;
  if (isOtherLoss(before.process.lost, process.lost)) return false;
  // An incarnation that reported itself ready to PM2 is judged further.
  const isReady = before.process.status === 'launching' && process.status === 'online';
  return isReady || process.status === before.process.status;
}

/**
 * The trial's new incarnation gets one startup time. A further incarnation within that time gets no
 * other.
 */
function continueTrial(verdict: Verdict, policy: Policy): Transition {
  const { state, process } = verdict;
  if (state.name !== 'halfOpen' || process.incarnation === null) return unchanged(verdict);
  const { trial } = state;
  if (trial.stage === 'restarting' && trial.ended === process.incarnation) {
    return unchanged(verdict);
  }
  const deadline =
    trial.stage === 'starting' ? trial.deadline : process.bornAt + policy.startupTimeoutMs;
  return enter(verdict, {
    ...state,
    trial: { stage: 'starting', deadline, streak: NO_STREAK },
  });
}
