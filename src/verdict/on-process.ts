import type { Event } from './event.ts';
import { go, stay, type Move } from './transition.ts';
import { isWaiting, open, place } from './breaker.ts';
import type { Policy } from './policy.ts';
import { isRunning } from './standing.ts';
import type { State } from './state.ts';
import { NO_STREAK } from './streak.ts';

type ProcessEvent = Extract<Event, { type: 'process' }>;

/** Takes over what PM2 says of the process; a new life drops what was held against the old one. */
export function onProcess(before: State, event: ProcessEvent, policy: Policy): Move {
  const state = observe(before, event);
  const { phase, process } = state;
  if (phase.name === 'paused' && phase.cause === 'operator') return stay(state);
  if (isDebuggedStill(before, state)) return stay(state);
  if (isNothingNew(before, state)) return stay(state);
  switch (process.status) {
    case 'stopped':
    case 'gone':
      return place(state, policy);
    case 'stuck':
      // Of our own restart its end tells.
      return isActing(state) ? stay(state) : place(state, policy);
    case 'errored':
      if (isWaiting(state) && policy.action !== 'observe') return stay(state);
      return phase.name === 'halfOpen' ? open(state, policy, null, true) : place(state, policy);
    case 'transit':
      return isActing(state) || phase.name === 'halfOpen' || isWaiting(state)
        ? stay(state)
        : place(state, policy);
    case 'launching':
    case 'online':
      if (phase.name === 'restarting' && phase.ended === process.incarnation) return stay(state);
      return phase.name === 'halfOpen' ? continueTrial(state, policy) : place(state, policy);
  }
}

/** The process view with the time of birth kept for a life already known. */
function observe(state: State, { status, incarnation, ageMs, at }: ProcessEvent): State {
  const known = incarnation === null || incarnation === state.process.incarnation;
  const bornAt = known ? state.process.bornAt : at - Math.max(0, ageMs);
  const hasAnswered = known && state.process.hasAnswered;
  // Between two lives the last one's name is kept, to tell a new life from the old one come back.
  return {
    ...state,
    skipped: known ? state.skipped : null,
    process: {
      status,
      incarnation: incarnation ?? state.process.incarnation,
      bornAt,
      hasAnswered,
    },
  };
}

/** A debugger holds one life: the same one, still online, stays paused. */
function isDebuggedStill(before: State, { phase, process }: State): boolean {
  const isSame = process.incarnation === before.process.incarnation && isRunning(process.status);
  return phase.name === 'paused' && phase.cause === 'debugger' && isSame;
}

/** PM2 repeats itself on every poll; only a change of status or of life is news. */
function isNothingNew(before: State, { process, phase }: State): boolean {
  if (phase.name === 'paused' && isRunning(process.status)) return false;
  const sameLife = process.incarnation === before.process.incarnation;
  if (phase.name === 'starting' && phase.incarnation === null && isRunning(process.status)) {
    return false;
  }
  // A life of which PM2 has heard that it is ready is judged on.
  const isReady = before.process.status === 'launching' && process.status === 'online';
  return sameLife && (isReady || process.status === before.process.status);
}

/** True while a restart of ours is in flight, so that PM2's being at work is our own doing. */
function isActing({ phase }: State): boolean {
  return (
    phase.name === 'restarting' || (phase.name === 'halfOpen' && phase.trial.stage === 'restarting')
  );
}

/** The trial's new life gets one start-up time; a further life within it gets no second one. */
function continueTrial(state: State, policy: Policy): Move {
  const { phase, process } = state;
  if (phase.name !== 'halfOpen' || process.incarnation === null) return stay(state);
  const { trial } = phase;
  if (trial.stage === 'restarting' && trial.ended === process.incarnation) return stay(state);
  const deadline =
    trial.stage === 'starting' ? trial.deadline : process.bornAt + policy.startupTimeoutMs;
  return go(state, {
    name: 'halfOpen',
    trial: { stage: 'starting', incarnation: process.incarnation, deadline, streak: NO_STREAK },
  });
}
