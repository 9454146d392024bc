import { isBlind, isHeld, type BlindState, type State } from './state.ts';
import type { UnknownCause } from '../probe/probe.ts';
import type { Event } from './event.ts';
import { go, stay, type Move } from './transition.ts';
import { onSample, isStale } from './on-sample.ts';
import type { Policy } from './policy.ts';
import type { Verdict, Unanswered } from './verdict.ts';

type SampleEvent = Extract<Event, { type: 'sample' }>;

/** So many samples in a row that told nothing, and nobody knows how the app is (DESIGN §11). */
export const BLIND_SAMPLES = 3;

/** So long a run of them says the same, however few they are. */
export const BLIND_MS = 30_000;

/** An answer that is only late comes with a later sample: such a run counts by its time alone. */
const LATE: ReadonlySet<UnknownCause> = new Set(['pending', 'aborted']);

/** Takes in a sample; a run of those that told nothing ends in `unknown`, and any other ends the run. */
export function onAnySample(verdict: Verdict, event: SampleEvent, policy: Policy): Move {
  const { sample, at } = event;
  if (isStale(verdict, event) || isHeld(verdict.state)) return stay(verdict);
  if (sample.kind !== 'unknown') return onSample(seeing(verdict), event, policy);
  const run = runOf(verdict, event);
  const samples = run.samples + (LATE.has(sample.cause) ? 0 : 1);
  const unanswered = { ...run, samples };
  const { state } = verdict;
  const isLong = samples >= BLIND_SAMPLES || at - run.began >= BLIND_MS;
  // Neither of the two is ever asked; the types do not know it.
  if (!isLong || state.name === 'unknown' || state.name === 'paused') {
    return stay({ ...verdict, unanswered });
  }
  const { from } = run;
  const blind: State = { name: 'unknown', blind: sample.detail, from, resume: state };
  return go(seeing(verdict), blind);
}

/** The run that this sample goes on, or begins; it belongs to one life and to one spell of judging. */
function runOf(verdict: Verdict, event: SampleEvent): Unanswered {
  const { incarnation: life, sample } = event;
  const { unanswered: run, since } = verdict;
  if (run !== null && run.life === life && run.began >= since) return run;
  return { life, samples: 0, began: sample.at, from: unseenFrom(verdict, event) };
}

/** While the check tells nothing, the app is asked on; what PM2 and the operator do is followed. */
export function moveBlind(
  verdict: Verdict,
  event: Event,
  policy: Policy,
  judge: (verdict: Verdict, event: Event) => Move,
): Move {
  const { state } = verdict;
  if (!isBlind(state)) return stay(verdict);
  const seen = { ...verdict, state: state.resume };
  switch (event.type) {
    case 'tick':
      return stay(verdict);
    case 'sample':
      return onSampleWhileBlind(verdict, state, event, policy);
    // Found with an answer, which ends the blindness; it is looked for again before anything is ended.
    case 'orphan':
      return left(go(seen, state.resume), verdict);
    case 'process':
    case 'debugger':
    case 'acted':
    case 'fitness':
    case 'pause':
    case 'resume':
    case 'reset': {
      const inner = judge(seen, event);
      const isSame = inner.verdict.state === state.resume;
      return isSame ? { ...inner, verdict: { ...inner.verdict, state } } : left(inner, verdict);
    }
  }
}

/** The first answer ends the blindness and counts, but is no verdict yet: the next one may be. */
function onSampleWhileBlind(
  verdict: Verdict,
  state: BlindState,
  event: SampleEvent,
  policy: Policy,
): Move {
  const { sample } = event;
  const seen = { ...verdict, state: state.resume };
  if (isStale(seen, event)) return stay(verdict);
  if (sample.kind === 'unknown') {
    const isNews = sample.detail !== state.blind;
    return isNews ? go(verdict, { ...state, blind: sample.detail }) : stay(verdict);
  }
  const patient = { ...policy, failureThreshold: Number.POSITIVE_INFINITY };
  const { verdict: judged, decisions } = onSample(seen, event, patient);
  const most = policy.failureThreshold - 1;
  return left({ verdict: { ...judged, state: capped(judged.state, most) }, decisions }, verdict);
}

/** The state with fewer failures than prove anything. */
function capped(state: State, most: number): State {
  if (state.name === 'halfOpen') {
    const { trial } = state;
    if (trial.stage === 'restarting' || trial.streak.failures <= most) return state;
    return { ...state, trial: { ...trial, streak: { ...trial.streak, failures: most } } };
  }
  if (!('streak' in state) || state.streak.failures <= most) return state;
  return { ...state, streak: { ...state.streak, failures: most } };
}

/** What comes after blindness begins now: nobody saw what was before. */
function left({ verdict, decisions }: Move, { at }: Verdict): Move {
  return { verdict: { ...verdict, since: at }, decisions };
}

/** No run of samples that told nothing any more. */
function seeing(verdict: Verdict): Verdict {
  return verdict.unanswered === null ? verdict : { ...verdict, unanswered: null };
}

/** Since when nothing is known: a life that was never seen well or not is unknown from its beginning. */
function unseenFrom({ state, since, process }: Verdict, { sample }: SampleEvent): number {
  const isNew = state.name === 'starting' && state.failure === null && !process.hasAnswered;
  return isNew ? Math.max(since, process.bornAt) : sample.at;
}
