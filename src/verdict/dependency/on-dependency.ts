import { isIll } from './dependency.ts';
import { withoutDrain } from '../drain.ts';
import type { Decision } from '../decision.ts';
import type { Event } from '../event.ts';
import type { Policy } from '../policy.ts';
import type { State } from '../state.ts';
import { NO_STREAK } from '../streak.ts';
import { unchanged, withDecision, type Transition } from '../transition.ts';
import type { Verdict } from '../verdict.ts';

/** An app that was given up this shortly before its dependency was seen to be down fell with it. */
const FELL_TOGETHER_MS = 10_000;

/** Of holds that come and go there is one line in this time. */
const HUSH_MS = 60_000;

/** What the app depends on went down, came back, or is asked first. */
export function onDependency(
  before: Verdict,
  { hold }: Extract<Event, { type: 'dependency' }>,
  policy: Policy,
): Transition {
  const { at, dependency, flap, incident } = before;
  const wasDown = dependency.hold?.isDown === true;
  const isDown = hold?.isDown === true;
  const since = wasDown === isDown ? dependency.since : at;
  const verdict = { ...before, dependency: { hold, since } };
  if (wasDown === isDown) return unchanged(verdict);
  if (!isDown) return report(before, judgeAfresh(verdict, dependency.since, policy));
  // What comes and goes with a dependency is no flapping of the app's own.
  const isFlapping = incident?.cause === 'flapping';
  return report(before, { ...verdict, flap: isFlapping ? flap : null });
}

/**
 * The dependency is back: the app is judged from the start. What was counted, and a start that could not succeed,
 * do not count against it; an answer to a question from before is stale by `since`.
 */
function judgeAfresh(verdict: Verdict, downSince: number, policy: Policy): Verdict {
  const { at, state, since, memory } = verdict;
  const fellTogether = state.name === 'open' && since >= downSince - FELL_TOGETHER_MS;
  if (!fellTogether) return { ...verdict, ...withoutStreak(verdict, policy) };
  return {
    ...verdict,
    state: { ...state, until: at, streak: NO_STREAK },
    memory: { ...memory, openUntil: at },
    since: at,
  };
}

function withoutStreak(
  { at, state, since, process }: Verdict,
  { startupTimeoutMs }: Policy,
): { readonly state: State; readonly since: number } {
  switch (state.name) {
    case 'starting': {
      const deadline = process.hasAnswered
        ? state.deadline
        : Math.max(state.deadline, at + startupTimeoutMs);
      return { state: { ...state, deadline, streak: NO_STREAK }, since: at };
    }
    case 'halfOpen': {
      const { trial } = state;
      if (trial.stage === 'restarting') return { state, since };
      const deadline = Math.max(trial.deadline, at + startupTimeoutMs);
      return {
        state: { ...state, trial: { ...trial, deadline, streak: NO_STREAK } },
        since: at,
      };
    }
    case 'backoff':
      return { state: { ...withoutDrain(state), streak: NO_STREAK }, since: at };
    case 'failing':
    case 'degraded':
      return { state: { ...state, streak: NO_STREAK }, since: at };
    case 'open':
      return { state: { ...state, streak: NO_STREAK }, since };
    case 'healthy':
    case 'restarting':
    case 'paused':
    case 'unknown':
      return { state, since };
  }
}

/** Says so where it makes a difference: of an app that is not well, and once a minute at most. */
function report(before: Verdict, verdict: Verdict): Transition {
  const { at, state, reported, dependency } = verdict;
  const isDown = dependency.hold !== null;
  const isHushed = !isIll(before.state) || at - reported.heldAt < HUSH_MS;
  const decision: Decision = {
    type: isDown ? 'held' : 'released',
    state: state.name,
    ...(isHushed && { isHushed }),
  };
  const next = isHushed ? verdict : { ...verdict, reported: { ...reported, heldAt: at } };
  return withDecision(unchanged(next), decision);
}
