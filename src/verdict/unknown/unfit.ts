import type { Event } from '../event.ts';
import type { Policy } from '../policy.ts';
import type { JudgedState, UnfitState } from '../state.ts';
import { NO_STREAK } from '../streak.ts';
import { enter, unchanged, type Transition } from '../transition.ts';
import type { Verdict } from '../verdict.ts';

/** After the monitor was unfit, samples count again only after this time (DESIGN §4). */
export const SETTLE_MS = 15_000;

/** The monitor is unfit to judge (`unfit` is the reason), or fit again (null). */
export function onFitness(verdict: Verdict, unfit: string | null): Transition {
  const { state } = verdict;
  if (unfit === null || state.name === 'paused' || state.name === 'unknown') {
    return unchanged(verdict);
  }
  const resume = withoutStreak(state);
  return enter(verdict, { name: 'unknown', unfit, settled: Number.POSITIVE_INFINITY, resume });
}

/**
 * While the monitor is unfit no sample is judged; events from PM2, the operator and our own restarts
 * still count.
 */
export function whileUnfit(
  verdict: Verdict,
  state: UnfitState,
  event: Event,
  policy: Policy,
  judge: (verdict: Verdict, event: Event, policy: Policy) => Transition,
): Transition {
  switch (event.type) {
    case 'fitness':
      return enter(verdict, { ...state, ...updateFitness(state, event.unfit, verdict.at) });
    case 'tick':
      return verdict.at >= state.settled ? enter(verdict, state.resume) : unchanged(verdict);
    case 'sample':
    case 'orphan':
    case 'debugger':
    case 'restarted':
      return unchanged(verdict);
    case 'process':
    case 'dependency':
    case 'acted':
    case 'pause':
    case 'resume':
    case 'reset':
    case 'saved':
    case 'restore':
      return keepUnfit(verdict, state, judge({ ...verdict, state: state.resume }, event, policy));
  }
}

/** The monitor stays unfit. The event changes only the state to resume, unless it pauses the app. */
function keepUnfit(before: Verdict, unfit: UnfitState, next: Transition): Transition {
  const { verdict, decisions } = next;
  const { state } = verdict;
  if (state.name === 'paused' || state.name === 'unknown') {
    return { decisions, verdict: { ...verdict, since: before.at } };
  }
  const kept = { ...unfit, resume: state };
  return { decisions, verdict: { ...verdict, state: kept, since: before.since } };
}

/** The same news may come again and again: only the first good news starts the time to settle. */
function updateFitness({ unfit, settled }: UnfitState, news: string | null, at: number) {
  if (news !== null) return { unfit: news, settled: Number.POSITIVE_INFINITY };
  return { unfit, settled: Number.isFinite(settled) ? settled : at + SETTLE_MS };
}

/** Failures that were counted before the monitor was unfit prove nothing afterwards. */
function withoutStreak(state: JudgedState): JudgedState {
  if (state.name === 'halfOpen') {
    const { trial } = state;
    return trial.stage === 'starting'
      ? { ...state, trial: { ...trial, streak: NO_STREAK } }
      : state;
  }
  return 'streak' in state ? { ...state, streak: NO_STREAK } : state;
}
