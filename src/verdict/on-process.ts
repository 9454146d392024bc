import type { Event } from './event.ts';
import { go, stay, type Move } from './transition.ts';
import { isWaiting, open, place } from './breaker.ts';
import type { Policy } from './policy.ts';
import { isRunning } from './process.ts';
import type { Verdict } from './verdict.ts';
import { NO_STREAK } from './streak.ts';

type ProcessEvent = Extract<Event, { type: 'process' }>;

/** Takes over what PM2 says of the process; a new life drops what was held against the old one. */
export function onProcess(before: Verdict, event: ProcessEvent, policy: Policy): Move {
  const verdict = observe(before, event);
  const { state, process } = verdict;
  if (state.name === 'paused' && state.cause === 'operator') return stay(verdict);
  if (isDebuggedStill(before, verdict)) return stay(verdict);
  if (isNothingNew(before, verdict)) return stay(verdict);
  switch (process.status) {
    case 'stopped':
    case 'gone':
      return place(verdict, policy);
    case 'stuck':
      // Of our own restart its end tells.
      return isActing(verdict) ? stay(verdict) : place(verdict, policy);
    case 'errored':
      if (isWaiting(verdict) && policy.action !== 'observe') return stay(verdict);
      return state.name === 'halfOpen' ? open(verdict, policy, null, true) : place(verdict, policy);
    case 'transit':
      return isActing(verdict) || state.name === 'halfOpen' || isWaiting(verdict)
        ? stay(verdict)
        : place(verdict, policy);
    case 'launching':
    case 'online':
      if (state.name === 'restarting' && state.ended === process.incarnation) return stay(verdict);
      return state.name === 'halfOpen' ? continueTrial(verdict, policy) : place(verdict, policy);
  }
}

/** The process view with the time of birth kept for a life already known. */
function observe(verdict: Verdict, { status, incarnation, ageMs, at }: ProcessEvent): Verdict {
  const known = incarnation === null || incarnation === verdict.process.incarnation;
  const bornAt = known ? verdict.process.bornAt : at - Math.max(0, ageMs);
  const hasAnswered = known && verdict.process.hasAnswered;
  // Between two lives the last one's name is kept, to tell a new life from the old one come back.
  return {
    ...verdict,
    skipped: known ? verdict.skipped : null,
    process: {
      status,
      incarnation: incarnation ?? verdict.process.incarnation,
      bornAt,
      hasAnswered,
    },
  };
}

/** A debugger holds one life: the same one, still online, stays paused. */
function isDebuggedStill(before: Verdict, { state, process }: Verdict): boolean {
  const isSame = process.incarnation === before.process.incarnation && isRunning(process.status);
  return state.name === 'paused' && state.cause === 'debugger' && isSame;
}

/** PM2 repeats itself on every poll; only a change of status or of life is news. */
function isNothingNew(before: Verdict, { process, state }: Verdict): boolean {
  if (state.name === 'paused' && isRunning(process.status)) return false;
  const sameLife = process.incarnation === before.process.incarnation;
  if (state.name === 'starting' && state.incarnation === null && isRunning(process.status)) {
    return false;
  }
  // A life of which PM2 has heard that it is ready is judged on.
  const isReady = before.process.status === 'launching' && process.status === 'online';
  return sameLife && (isReady || process.status === before.process.status);
}

/** True while a restart of ours is in flight, so that PM2's being at work is our own doing. */
function isActing({ state }: Verdict): boolean {
  return (
    state.name === 'restarting' || (state.name === 'halfOpen' && state.trial.stage === 'restarting')
  );
}

/** The trial's new life gets one start-up time; a further life within it gets no second one. */
function continueTrial(verdict: Verdict, policy: Policy): Move {
  const { state, process } = verdict;
  if (state.name !== 'halfOpen' || process.incarnation === null) return stay(verdict);
  const { trial } = state;
  if (trial.stage === 'restarting' && trial.ended === process.incarnation) return stay(verdict);
  const deadline =
    trial.stage === 'starting' ? trial.deadline : process.bornAt + policy.startupTimeoutMs;
  return go(verdict, {
    name: 'halfOpen',
    trial: { stage: 'starting', incarnation: process.incarnation, deadline, streak: NO_STREAK },
  });
}
