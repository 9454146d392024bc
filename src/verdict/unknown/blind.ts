import type { Event } from '../event.ts';
import { isStale, onSample } from '../on-sample.ts';
import type { Policy } from '../policy.ts';
import type { BlindState, JudgedState, State } from '../state.ts';
import { enter, unchanged, type Transition } from '../transition.ts';
import type { Verdict } from '../verdict.ts';

/**
 * While the check itself gives no result, probing goes on; events from PM2 and the operator still count.
 */
export function whileBlind(
  verdict: Verdict,
  state: BlindState,
  event: Event,
  policy: Policy,
  judge: (verdict: Verdict, event: Event, policy: Policy) => Transition,
): Transition {
  const resumed = { ...verdict, state: state.resume };
  switch (event.type) {
    case 'tick':
    case 'restarted':
      return unchanged(verdict);
    case 'sample':
      return onSampleWhileBlind(verdict, state, event, policy);
    case 'orphan':
      // The orphan was found with an answer, which ends the blindness. Before it is stopped it must be
      // found again.
      return leaveBlindness(enter(resumed, state.resume), verdict);
    case 'dependency': {
      // It says nothing of the app itself, of which nothing is known still.
      const { verdict: next, decisions } = judge(resumed, event, policy);
      const resume = isJudged(next.state) ? next.state : state.resume;
      return { decisions, verdict: { ...next, state: { ...state, resume }, since: verdict.since } };
    }
    case 'process':
    case 'debugger':
    case 'acted':
    case 'fitness':
    case 'pause':
    case 'resume':
    case 'reset':
    case 'saved':
    case 'restore': {
      const next = judge(resumed, event, policy);
      const isSame = next.verdict.state === state.resume;
      return isSame
        ? { ...next, verdict: { ...next.verdict, state } }
        : leaveBlindness(next, verdict);
    }
  }
}

/** The first answer ends the blindness and counts, but proves nothing alone. */
function onSampleWhileBlind(
  verdict: Verdict,
  state: BlindState,
  event: Extract<Event, { type: 'sample' }>,
  policy: Policy,
): Transition {
  const { sample } = event;
  const resumed = { ...verdict, state: state.resume };
  if (isStale(resumed, event)) return unchanged(verdict);
  if (sample.kind === 'unknown') {
    const isNews = sample.detail !== state.blind;
    return isNews ? enter(verdict, { ...state, blind: sample.detail }) : unchanged(verdict);
  }
  const patient = { ...policy, failureThreshold: Number.POSITIVE_INFINITY };
  const { verdict: judged, decisions } = onSample(resumed, event, patient);
  const unproven = capFailures(judged.state, policy.failureThreshold - 1);
  return leaveBlindness({ verdict: { ...judged, state: unproven }, decisions }, verdict);
}

/** True for a state that blindness can give back. */
function isJudged(state: State): state is JudgedState {
  return state.name !== 'unknown' && state.name !== 'paused';
}

/** Lowers the state's count of failures to `most`. */
function capFailures(state: State, most: number): State {
  if (state.name === 'halfOpen') {
    const { trial } = state;
    if (trial.stage === 'restarting' || trial.streak.failures <= most) return state;
    return { ...state, trial: { ...trial, streak: { ...trial.streak, failures: most } } };
  }
  if (!('streak' in state) || state.streak.failures <= most) return state;
  return { ...state, streak: { ...state.streak, failures: most } };
}

/** The state after blindness begins now, because nobody saw what was before. */
function leaveBlindness({ verdict, decisions }: Transition, { at }: Verdict): Transition {
  return { verdict: { ...verdict, since: at }, decisions };
}
