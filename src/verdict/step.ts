import type { Event, Gates } from './event.ts';
import { freshBackoff } from './backoff.ts';
import { isBlind, moveBlind, onAnySample } from './blind.ts';
import { withFlap } from './incident/flapping-incident.ts';
import { go, stay, type Move } from './transition.ts';
import { narrate } from './incident/track-incident.ts';
import { onProcess } from './on-process.ts';
import { isWaiting, open, place, wait, waitForLeftOver } from './breaker.ts';
import type { Policy } from './policy.ts';
import { reap, refund, revive, takeBack, trial, tryAgain } from './restart.ts';
import { freshMemory, type JudgedPhase, type Phase, type State, type Trial } from './state.ts';
import { NO_STREAK, type Failure } from './streak.ts';

/** After the checker was unfit, samples count again only when this long has passed (DESIGN §4). */
export const SETTLE_MS = 15_000;

type ActedEvent = Extract<Event, { type: 'acted' }>;

type UnfitPhase = Extract<Phase, { readonly unfit: string }>;

/** A trial that could not be issued is tried again after this long, with the cooldown unchanged. */
const SKIPPED_TRIAL_MS = 60_000;

/** A trial's new life is judged by its samples; where none come, it is given up so long after its time. */
const TRIAL_MARGIN_MS = 30_000;

/**
 * The whole policy of one target (DESIGN §4): pure, total, and without a clock of its own.
 * An event that comes late is taken as of the newest time already seen.
 */
export function step(state: State, event: Event, policy: Policy): Move {
  const at = Math.max(event.at, state.at);
  const moved = move({ ...state, at }, { ...event, at }, policy);
  return narrate(state, withFlap(state, moved, event), event, policy);
}

function move(state: State, event: Event, policy: Policy): Move {
  if (isBlind(state.phase)) {
    return moveBlind(state, event, policy, (seen, news) => move(seen, news, policy));
  }
  if (state.phase.name === 'unknown') return moveUnfit(state, event, policy);
  switch (event.type) {
    case 'process':
      return onProcess(state, event, policy);
    case 'sample':
      return onAnySample(state, event, policy);
    case 'tick':
      return onTick(state, event, policy);
    case 'orphan':
      return reap(state, event.failure, event, policy);
    case 'debugger':
      return onDebugger(state, event.by, policy);
    case 'acted':
      return onActed(state, event, policy);
    case 'fitness':
      return onFitness(state, event.unfit);
    case 'pause':
      return go(state, { name: 'paused', cause: 'operator', until: event.until });
    case 'resume':
      return isPausedByOperator(state) ? place(state, policy) : stay(state);
    case 'reset':
      return onReset(state, policy);
  }
}

/** Time alone: a pause ends, a restart in flight is given up, an errored app gets its trial. */
function onTick(state: State, gates: Gates, policy: Policy): Move {
  const { phase, at, process } = state;
  if (phase.name === 'paused' && at >= phase.until) return place(state, policy);
  if (phase.name === 'restarting' && at >= phase.deadline) return place(state, policy);
  if (phase.name === 'halfOpen' && isTrialOverdue(phase.trial, at)) {
    return open(state, policy, null, true);
  }
  if (phase.name === 'open' && process.status === 'errored' && at >= phase.until) {
    return trial(state, null, gates, policy);
  }
  if (isWaiting(state) && process.status === 'errored') return revive(state, gates, policy);
  return stay(state);
}

/** A trial whose restart hangs, whose new life PM2 never shows, or which dies again and again. */
function isTrialOverdue({ stage, deadline }: Trial, at: number): boolean {
  return at >= deadline + (stage === 'restarting' ? 0 : TRIAL_MARGIN_MS);
}

/** What came of the restart. After `done` the new life is awaited; it comes as a process event. */
function onActed(before: State, event: ActedEvent, policy: Policy): Move {
  const { result, detail = '' } = event;
  if (result === 'stuck') return onStuck(before, detail, policy);
  const state =
    result === 'skipped'
      ? takeBack(before, detail, policy)
      : { ...before, pending: null, skipped: null };
  const { phase, at, memory } = state;
  if (result === 'done') return stay(state);
  if (phase.name === 'restarting') return place(state, policy);
  if (result === 'cleared') return stay(state);
  if (phase.name !== 'halfOpen' || phase.trial.stage !== 'restarting') return stay(state);
  if (result === 'failed') return open(state, policy, null, true);
  const openUntil = at + SKIPPED_TRIAL_MS;
  return open({ ...state, memory: { ...memory, openUntil } }, policy, null, false);
}

/**
 * Nothing could be ended, so that nothing was spent. An app that PM2 could not end is down by its
 * word, and is started when its process has gone at last; so is one that PM2 gave up over a left-over
 * that could not be ended. That is looked for again meanwhile.
 */
function onStuck(before: State, detail: string, policy: Policy): Move {
  const isReap = before.pending?.isReap === true;
  const state = isReap ? tryAgain(before, detail) : { ...refund(before), skipped: null };
  const { phase, process } = state;
  const isTrial = phase.name === 'halfOpen' && phase.trial.stage === 'restarting';
  if (phase.name !== 'restarting' && !isTrial) return stay(state);
  const failure: Failure = { kind: 'fail', class: 'stuck', detail };
  if (isReap && process.status === 'errored') return waitForLeftOver(state, failure);
  return isReap || process.incarnation === null ? place(state, policy) : wait(state, failure);
}

/** Nobody judges an app that somebody steps through; it is looked at afresh when he has gone. */
function onDebugger(state: State, by: string | null, policy: Policy): Move {
  const { phase } = state;
  const isPaused = phase.name === 'paused' && phase.cause === 'debugger';
  if (by === null) return isPaused ? place(withoutHeldTime(state), policy) : stay(state);
  const isActing = phase.name === 'restarting' || phase.name === 'halfOpen';
  if (isActing || (phase.name === 'paused' && (!isPaused || phase.by === by))) return stay(state);
  return go(state, { name: 'paused', cause: 'debugger', until: Number.POSITIVE_INFINITY, by });
}

/** A start that was held begins when it is let go. */
function withoutHeldTime(state: State): State {
  const { process, at } = state;
  return process.hasAnswered ? state : { ...state, process: { ...process, bornAt: at } };
}

/** The operator forgives all: budget, backoff and breaker start anew. */
function onReset(state: State, policy: Policy): Move {
  const memory = freshMemory(freshBackoff(state.memory.backoff.seed).seed);
  const forgiven = { ...state, memory, skipped: null, reaps: [] };
  const { phase, at } = state;
  if (phase.name === 'open' && state.process.status === 'errored') {
    return go(forgiven, { ...phase, until: at }, { ...memory, openUntil: at });
  }
  const isHeldBack = phase.name === 'open' || phase.name === 'backoff';
  return isHeldBack ? place(forgiven, policy) : stay(forgiven);
}

function onFitness(state: State, unfit: string | null): Move {
  if (unfit === null || state.phase.name === 'paused' || state.phase.name === 'unknown') {
    return stay(state);
  }
  const resume = withoutStreak(state.phase);
  return go(state, { name: 'unknown', unfit, settled: Number.POSITIVE_INFINITY, resume });
}

/** While unfit nothing is judged, but what PM2, the operator and our own restart do is followed. */
function moveUnfit(state: State, event: Event, policy: Policy): Move {
  const { phase } = state;
  if (phase.name !== 'unknown' || isBlind(phase)) return stay(state);
  switch (event.type) {
    case 'fitness':
      return go(state, { ...phase, ...fitness(phase, event.unfit, state.at) });
    case 'sample':
    case 'orphan':
    case 'debugger':
      return stay(state);
    case 'tick':
      return state.at >= phase.settled ? go(state, phase.resume) : stay(state);
    case 'process':
    case 'acted':
    case 'pause':
    case 'resume':
    case 'reset': {
      const inner = move({ ...state, phase: phase.resume }, event, policy);
      const { phase: next } = inner.state;
      if (next.name === 'paused' || next.name === 'unknown') {
        return { ...inner, state: { ...inner.state, since: state.at } };
      }
      const kept = { ...inner.state, phase: { ...phase, resume: next }, since: state.since };
      return { ...inner, state: kept };
    }
  }
}

/** The same news may come again and again: only the first fit one begins the time to settle. */
function fitness({ unfit, settled }: UnfitPhase, news: string | null, at: number) {
  if (news !== null) return { unfit: news, settled: Number.POSITIVE_INFINITY };
  return { unfit, settled: Number.isFinite(settled) ? settled : at + SETTLE_MS };
}

/** What was counted before a spell of unfitness proves nothing after it. */
function withoutStreak(phase: JudgedPhase): JudgedPhase {
  if (phase.name === 'halfOpen') {
    const { trial: half } = phase;
    return half.stage === 'starting' ? { ...phase, trial: { ...half, streak: NO_STREAK } } : phase;
  }
  return 'streak' in phase ? { ...phase, streak: NO_STREAK } : phase;
}

function isPausedByOperator({ phase }: State): boolean {
  return phase.name === 'paused' && phase.cause === 'operator';
}
