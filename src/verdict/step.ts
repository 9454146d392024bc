import type { Event, RestartEvidence } from './event.ts';
import { freshBackoff } from './backoff.ts';
import { isBlind, type JudgedState, type State, type Trial } from './state.ts';
import { moveBlind, onAnySample } from './blind.ts';
import { withFlap } from './incident/flapping-incident.ts';
import { go, stay, type Move } from './transition.ts';
import { trackIncident } from './incident/track-incident.ts';
import { onProcess } from './on-process.ts';
import { isWaiting, open, place, wait, waitForOrphan } from './breaker.ts';
import type { Policy } from './policy.ts';
import { reap, refund, revive, refundSkipped, trial, refundStuck } from './restart.ts';
import { freshMemory, type Verdict } from './verdict.ts';
import { NO_STREAK, type Failure } from './streak.ts';

/** After the checker was unfit, samples count again only when this long has passed (DESIGN §4). */
export const SETTLE_MS = 15_000;

type ActedEvent = Extract<Event, { type: 'acted' }>;

type UnfitState = Extract<State, { readonly unfit: string }>;

/** A trial that could not be issued is tried again after this long, with the cooldown unchanged. */
const SKIPPED_TRIAL_MS = 60_000;

/** A trial's new life is judged by its samples; where none come, it is given up so long after its time. */
const TRIAL_MARGIN_MS = 30_000;

/**
 * The whole policy of one target (DESIGN §4): pure, total, and without a clock of its own.
 * An event that comes late is taken as of the newest time already seen.
 */
export function step(verdict: Verdict, event: Event, policy: Policy): Move {
  const at = Math.max(event.at, verdict.at);
  const moved = move({ ...verdict, at }, { ...event, at }, policy);
  return trackIncident(verdict, withFlap(verdict, moved, event), event, policy);
}

function move(verdict: Verdict, event: Event, policy: Policy): Move {
  if (isBlind(verdict.state)) {
    return moveBlind(verdict, event, policy, (seen, news) => move(seen, news, policy));
  }
  if (verdict.state.name === 'unknown') return moveUnfit(verdict, event, policy);
  switch (event.type) {
    case 'process':
      return onProcess(verdict, event, policy);
    case 'sample':
      return onAnySample(verdict, event, policy);
    case 'tick':
      return onTick(verdict, event, policy);
    case 'orphan':
      return reap(verdict, event.failure, event, policy);
    case 'debugger':
      return onDebugger(verdict, event.by, policy);
    case 'acted':
      return onActed(verdict, event, policy);
    case 'fitness':
      return onFitness(verdict, event.unfit);
    case 'pause':
      return go(verdict, { name: 'paused', cause: 'operator', until: event.until });
    case 'resume':
      return isPausedByOperator(verdict) ? place(verdict, policy) : stay(verdict);
    case 'reset':
      return onReset(verdict, policy);
  }
}

/** Time alone: a pause ends, a restart in flight is given up, an errored app gets its trial. */
function onTick(verdict: Verdict, gates: RestartEvidence, policy: Policy): Move {
  const { state, at, process } = verdict;
  if (state.name === 'paused' && at >= state.until) return place(verdict, policy);
  if (state.name === 'restarting' && at >= state.deadline) return place(verdict, policy);
  if (state.name === 'halfOpen' && isTrialOverdue(state.trial, at)) {
    return open(verdict, policy, null, true);
  }
  if (state.name === 'open' && process.status === 'errored' && at >= state.until) {
    return trial(verdict, null, gates, policy);
  }
  if (isWaiting(verdict) && process.status === 'errored') return revive(verdict, gates, policy);
  return stay(verdict);
}

/** A trial whose restart hangs, whose new life PM2 never shows, or which dies again and again. */
function isTrialOverdue({ stage, deadline }: Trial, at: number): boolean {
  return at >= deadline + (stage === 'restarting' ? 0 : TRIAL_MARGIN_MS);
}

/** What came of the restart. After `done` the new life is awaited; it comes as a process event. */
function onActed(before: Verdict, event: ActedEvent, policy: Policy): Move {
  const { result, detail = '' } = event;
  if (result === 'stuck') return onStuck(before, detail, policy);
  const verdict =
    result === 'skipped'
      ? refundSkipped(before, detail, policy)
      : { ...before, pending: null, skipped: null };
  const { state, at, memory } = verdict;
  if (result === 'done') return stay(verdict);
  if (state.name === 'restarting') return place(verdict, policy);
  if (result === 'cleared') return stay(verdict);
  if (state.name !== 'halfOpen' || state.trial.stage !== 'restarting') return stay(verdict);
  if (result === 'failed') return open(verdict, policy, null, true);
  const openUntil = at + SKIPPED_TRIAL_MS;
  return open({ ...verdict, memory: { ...memory, openUntil } }, policy, null, false);
}

/**
 * Nothing could be ended, so that nothing was spent. An app that PM2 could not end is down by its
 * word, and is started when its process has gone at last; so is one that PM2 gave up over a left-over
 * that could not be ended. That is looked for again meanwhile.
 */
function onStuck(before: Verdict, detail: string, policy: Policy): Move {
  const endsOrphan = before.pending?.endsOrphan === true;
  const verdict = endsOrphan ? refundStuck(before, detail) : { ...refund(before), skipped: null };
  const { state, process } = verdict;
  const isTrial = state.name === 'halfOpen' && state.trial.stage === 'restarting';
  if (state.name !== 'restarting' && !isTrial) return stay(verdict);
  const failure: Failure = { kind: 'fail', class: 'stuck', detail };
  if (endsOrphan && process.status === 'errored') return waitForOrphan(verdict, failure);
  return endsOrphan || process.incarnation === null
    ? place(verdict, policy)
    : wait(verdict, failure);
}

/** Nobody judges an app that somebody steps through; it is looked at afresh when he has gone. */
function onDebugger(verdict: Verdict, by: string | null, policy: Policy): Move {
  const { state } = verdict;
  const isPaused = state.name === 'paused' && state.cause === 'debugger';
  if (by === null) return isPaused ? place(withoutHeldTime(verdict), policy) : stay(verdict);
  const isActing = state.name === 'restarting' || state.name === 'halfOpen';
  if (isActing || (state.name === 'paused' && (!isPaused || state.by === by))) return stay(verdict);
  return go(verdict, { name: 'paused', cause: 'debugger', until: Number.POSITIVE_INFINITY, by });
}

/** A start that was held begins when it is let go. */
function withoutHeldTime(verdict: Verdict): Verdict {
  const { process, at } = verdict;
  return process.hasAnswered ? verdict : { ...verdict, process: { ...process, bornAt: at } };
}

/** The operator forgives all: budget, backoff and breaker start anew. */
function onReset(verdict: Verdict, policy: Policy): Move {
  const memory = freshMemory(freshBackoff(verdict.memory.backoff.seed).seed);
  const forgiven = { ...verdict, memory, skipped: null, orphansEnded: [] };
  const { state, at } = verdict;
  if (state.name === 'open' && verdict.process.status === 'errored') {
    return go(forgiven, { ...state, until: at }, { ...memory, openUntil: at });
  }
  const isHeldBack = state.name === 'open' || state.name === 'backoff';
  return isHeldBack ? place(forgiven, policy) : stay(forgiven);
}

function onFitness(verdict: Verdict, unfit: string | null): Move {
  if (unfit === null || verdict.state.name === 'paused' || verdict.state.name === 'unknown') {
    return stay(verdict);
  }
  const resume = withoutStreak(verdict.state);
  return go(verdict, { name: 'unknown', unfit, settled: Number.POSITIVE_INFINITY, resume });
}

/** While unfit nothing is judged, but what PM2, the operator and our own restart do is followed. */
function moveUnfit(verdict: Verdict, event: Event, policy: Policy): Move {
  const { state } = verdict;
  if (state.name !== 'unknown' || isBlind(state)) return stay(verdict);
  switch (event.type) {
    case 'fitness':
      return go(verdict, { ...state, ...fitness(state, event.unfit, verdict.at) });
    case 'sample':
    case 'orphan':
    case 'debugger':
      return stay(verdict);
    case 'tick':
      return verdict.at >= state.settled ? go(verdict, state.resume) : stay(verdict);
    case 'process':
    case 'acted':
    case 'pause':
    case 'resume':
    case 'reset': {
      const inner = move({ ...verdict, state: state.resume }, event, policy);
      const { state: next } = inner.verdict;
      if (next.name === 'paused' || next.name === 'unknown') {
        return { ...inner, verdict: { ...inner.verdict, since: verdict.at } };
      }
      const kept = { ...inner.verdict, state: { ...state, resume: next }, since: verdict.since };
      return { ...inner, verdict: kept };
    }
  }
}

/** The same news may come again and again: only the first fit one begins the time to settle. */
function fitness({ unfit, settled }: UnfitState, news: string | null, at: number) {
  if (news !== null) return { unfit: news, settled: Number.POSITIVE_INFINITY };
  return { unfit, settled: Number.isFinite(settled) ? settled : at + SETTLE_MS };
}

/** What was counted before a spell of unfitness proves nothing after it. */
function withoutStreak(state: JudgedState): JudgedState {
  if (state.name === 'halfOpen') {
    const { trial: half } = state;
    return half.stage === 'starting' ? { ...state, trial: { ...half, streak: NO_STREAK } } : state;
  }
  return 'streak' in state ? { ...state, streak: NO_STREAK } : state;
}

function isPausedByOperator({ state }: Verdict): boolean {
  return state.name === 'paused' && state.cause === 'operator';
}
