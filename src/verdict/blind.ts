import type { UnknownCause } from '../probe/probe.ts';
import type { Event } from './event.ts';
import { go, stay, type Move } from './transition.ts';
import { onSample } from './on-sample.ts';
import type { Policy } from './policy.ts';
import { isHeld, isStale } from './standing.ts';
import type { Phase, State, Unanswered } from './state.ts';

type SampleEvent = Extract<Event, { type: 'sample' }>;
type BlindPhase = Extract<Phase, { readonly blind: string }>;

/** So many samples in a row that told nothing, and nobody knows how the app is (DESIGN §11). */
export const BLIND_SAMPLES = 3;

/** So long a run of them says the same, however few they are. */
export const BLIND_MS = 30_000;

/** An answer that is only late comes with a later sample: such a run counts by its time alone. */
const LATE: ReadonlySet<UnknownCause> = new Set(['pending', 'aborted']);

/** True while the check itself tells nothing; an unfit checker is another matter. */
export function isBlind(phase: Phase): phase is BlindPhase {
  return phase.name === 'unknown' && 'blind' in phase;
}

/** True while the checker itself is unfit to judge, and while it settles after that. */
export function isUnfit(phase: Phase): boolean {
  return phase.name === 'unknown' && 'unfit' in phase;
}

/** Takes in a sample; a run of those that told nothing ends in `unknown`, and any other ends the run. */
export function onAnySample(state: State, event: SampleEvent, policy: Policy): Move {
  const { sample, at } = event;
  if (isStale(state, event) || isHeld(state)) return stay(state);
  if (sample.kind !== 'unknown') return onSample(seeing(state), event, policy);
  const run = runOf(state, event);
  const samples = run.samples + (LATE.has(sample.cause) ? 0 : 1);
  const unanswered = { ...run, samples };
  const { phase } = state;
  const isLong = samples >= BLIND_SAMPLES || at - run.began >= BLIND_MS;
  // Neither of the two is ever asked; the types do not know it.
  if (!isLong || phase.name === 'unknown' || phase.name === 'paused') {
    return stay({ ...state, unanswered });
  }
  const { from } = run;
  const blind: Phase = { name: 'unknown', blind: sample.detail, from, resume: phase };
  return go(seeing(state), blind);
}

/** The run that this sample goes on, or begins; it belongs to one life and to one spell of judging. */
function runOf(state: State, event: SampleEvent): Unanswered {
  const { incarnation: life, sample } = event;
  const { unanswered: run, since } = state;
  if (run !== null && run.life === life && run.began >= since) return run;
  return { life, samples: 0, began: sample.at, from: unseenFrom(state, event) };
}

/** While the check tells nothing, the app is asked on; what PM2 and the operator do is followed. */
export function moveBlind(
  state: State,
  event: Event,
  policy: Policy,
  judge: (state: State, event: Event) => Move,
): Move {
  const { phase } = state;
  if (!isBlind(phase)) return stay(state);
  const seen = { ...state, phase: phase.resume };
  switch (event.type) {
    case 'tick':
      return stay(state);
    case 'sample':
      return onSampleWhileBlind(state, phase, event, policy);
    // Found with an answer, which ends the blindness; it is looked for again before anything is ended.
    case 'orphan':
      return left(go(seen, phase.resume), state);
    case 'process':
    case 'debugger':
    case 'acted':
    case 'fitness':
    case 'pause':
    case 'resume':
    case 'reset': {
      const inner = judge(seen, event);
      const isSame = inner.state.phase === phase.resume;
      return isSame ? { ...inner, state: { ...inner.state, phase } } : left(inner, state);
    }
  }
}

/** The first answer ends the blindness and counts, but is no verdict yet: the next one may be. */
function onSampleWhileBlind(
  state: State,
  phase: BlindPhase,
  event: SampleEvent,
  policy: Policy,
): Move {
  const { sample } = event;
  const seen = { ...state, phase: phase.resume };
  if (isStale(seen, event)) return stay(state);
  if (sample.kind === 'unknown') {
    const isNews = sample.detail !== phase.blind;
    return isNews ? go(state, { ...phase, blind: sample.detail }) : stay(state);
  }
  const patient = { ...policy, failureThreshold: Number.POSITIVE_INFINITY };
  const { state: judged, decisions } = onSample(seen, event, patient);
  const most = policy.failureThreshold - 1;
  return left({ state: { ...judged, phase: capped(judged.phase, most) }, decisions }, state);
}

/** The phase with fewer failures than prove anything. */
function capped(phase: Phase, most: number): Phase {
  if (phase.name === 'halfOpen') {
    const { trial } = phase;
    if (trial.stage === 'restarting' || trial.streak.failures <= most) return phase;
    return { ...phase, trial: { ...trial, streak: { ...trial.streak, failures: most } } };
  }
  if (!('streak' in phase) || phase.streak.failures <= most) return phase;
  return { ...phase, streak: { ...phase.streak, failures: most } };
}

/** What comes after blindness begins now: nobody saw what was before. */
function left({ state, decisions }: Move, { at }: State): Move {
  return { state: { ...state, since: at }, decisions };
}

/** No run of samples that told nothing any more. */
function seeing(state: State): State {
  return state.unanswered === null ? state : { ...state, unanswered: null };
}

/** Since when nothing is known: a life that was never seen well or not is unknown from its beginning. */
function unseenFrom({ phase, since, process }: State, { sample }: SampleEvent): number {
  const isNew = phase.name === 'starting' && phase.failure === null && !process.hasAnswered;
  return isNew ? Math.max(since, process.bornAt) : sample.at;
}
