import type { Event } from '../event.ts';
import { isStale, onSample } from '../on-sample.ts';
import type { Policy } from '../policy.ts';
import type { BlindState, State } from '../state.ts';
import { enter, unchanged, type Transition } from '../transition.ts';
import type { Verdict } from '../verdict.ts';

/** While the check itself says nothing, probing goes on; what PM2 and the operator do still counts. */
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
      return unchanged(verdict);
    case 'sample':
      return onSampleWhileBlind(verdict, state, event, policy);
    case 'orphan':
      // Found with an answer, which ends the blindness; before it is stopped it is looked for again.
      return leaveBlindness(enter(resumed, state.resume), verdict);
    case 'process':
    case 'debugger':
    case 'acted':
    case 'fitness':
    case 'pause':
    case 'resume':
    case 'reset':
    case 'restore': {
      const next = judge(resumed, event, policy);
      const isSame = next.verdict.state === state.resume;
      return isSame
        ? { ...next, verdict: { ...next.verdict, state } }
        : leaveBlindness(next, verdict);
    }
  }
}

/** The first answer ends the blindness and counts, but proves nothing yet: the next one may. */
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

/** The state with fewer failures than prove anything. */
function capFailures(state: State, most: number): State {
  if (state.name === 'halfOpen') {
    const { trial } = state;
    if (trial.stage === 'restarting' || trial.streak.failures <= most) return state;
    return { ...state, trial: { ...trial, streak: { ...trial.streak, failures: most } } };
  }
  if (!('streak' in state) || state.streak.failures <= most) return state;
  return { ...state, streak: { ...state.streak, failures: most } };
}

/** What comes after blindness begins now: nobody saw what was before. */
function leaveBlindness({ verdict, decisions }: Transition, { at }: Verdict): Transition {
  return { verdict: { ...verdict, since: at }, decisions };
}
