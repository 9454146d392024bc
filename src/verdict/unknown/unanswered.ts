import type { Sample, UnknownCause } from '../../probe/probe.ts';
import type { Event } from '../event.ts';
import type { State } from '../state.ts';
import { enter, unchanged, type Transition } from '../transition.ts';
import type { Unanswered, Verdict } from '../verdict.ts';

type SampleEvent = Extract<Event, { type: 'sample' }>;
type UnknownSample = Extract<Sample, { readonly kind: 'unknown' }>;

/** After this many unknown samples in a row the state is `unknown` (DESIGN §11). */
export const BLIND_SAMPLES = 3;

/** After this time with only unknown samples the state is `unknown` too, no matter how few they are. */
export const BLIND_MS = 30_000;

/** A late answer comes with a later sample, so only the time of such samples counts, not their number. */
const LATE: ReadonlySet<UnknownCause> = new Set(['pending', 'aborted']);

/** Counts a sample that says nothing of the app. Enough of them in a row lead to the state `unknown`. */
export function onUnanswered(
  verdict: Verdict,
  event: SampleEvent,
  sample: UnknownSample,
): Transition {
  const { at, state } = verdict;
  const run = currentRun(verdict, event);
  const samples = run.samples + (LATE.has(sample.cause) ? 0 : 1);
  const unanswered = { ...run, samples };
  const isLong = samples >= BLIND_SAMPLES || at - run.began >= BLIND_MS;
  // These two states are never probed; the types do not know it.
  const isJudged = state.name !== 'unknown' && state.name !== 'paused';
  if (!isLong || !isJudged) return unchanged({ ...verdict, unanswered });
  const blind: State = { name: 'unknown', blind: sample.detail, from: run.from, resume: state };
  return enter({ ...verdict, unanswered: null }, blind);
}

/** The run of unknown samples with this one, within one incarnation and one state. */
function currentRun(verdict: Verdict, { incarnation, sample }: SampleEvent): Unanswered {
  const { unanswered: run, since } = verdict;
  if (run !== null && run.incarnation === incarnation && run.began >= since) return run;
  return { incarnation, samples: 0, began: sample.at, from: unseenFrom(verdict, sample) };
}

/** Since when nothing is known. An incarnation that never answered is unknown since its start. */
function unseenFrom({ state, since, process }: Verdict, sample: Sample): number {
  const isNew = state.name === 'starting' && state.failure === null && !process.hasAnswered;
  return isNew ? Math.max(since, process.bornAt) : sample.at;
}
