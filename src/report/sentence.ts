import type { ActionMode, Policy } from '../verdict/policy.ts';
import type { Verdict } from '../verdict/state.ts';
import type { Failure } from '../verdict/streak.ts';
import { isBlind } from '../verdict/blind.ts';
import { hasRoom, usedAt } from '../verdict/budget.ts';
import { durationText } from '../text/duration-text.ts';
import type { TargetView } from './view.ts';

/** What is said of an app that is only looked at, where a restart of another would be announced. */
export const NO_RESTART = 'observe mode: no restart';

/** What a target's state is, why, and what comes next: one sentence without its name. */
export function sentenceOf(view: TargetView): string {
  const { incident } = view.verdict;
  // The gist, whatever the last answer was.
  if (incident?.cause === 'flapping')
    return `flapping (${incident.detail}); now ${wholeSentence(view)}`;
  return wholeSentence(view);
}

function wholeSentence(view: TargetView): string {
  const { instances, verdict } = view;
  const isWhole = instances === undefined || instances.online === instances.all;
  const sentence = `${phaseSentence(view)}${skippedText(verdict)}${backgroundText(view)}`;
  // Of an app that is not up its state says enough.
  if (isWhole || verdict.process.status !== 'online') return sentence;
  return `${sentence}; ${instances.online} of ${instances.all} instances online`;
}

/** Of an app whose server PM2 does not run; empty where the state itself says it, or it is not so. */
function backgroundText({ verdict, background }: TargetView): string {
  const { name } = verdict.state;
  return background === undefined || name === 'degraded' || name === 'healthy'
    ? ''
    : `; ${background}`;
}

/** Why the restarts that were due were none; empty where nothing is known to stand in their way. */
function skippedText({ skipped, state }: Verdict): string {
  if (skipped === null || state.name === 'healthy' || state.name === 'paused') return '';
  // It is the very reason that the state tells of.
  if (state.name === 'backoff' && state.failure.detail === skipped.why) return '';
  const times = skipped.times === 1 ? '' : `${skipped.times} times in a row: `;
  return `; could not be restarted: ${times}${skipped.why}`;
}

function phaseSentence(view: TargetView): string {
  const { verdict, config, pid } = view;
  const { state, at } = verdict;
  const { policy } = config;
  switch (state.name) {
    case 'starting': {
      if (state.incarnation === null) return 'starting: not up, PM2 is stopping or starting it';
      const seen = state.failure ? `, ${state.failure.detail}` : '';
      const again = verdict.process.hasAnswered ? 'is looked at afresh' : 'has not answered yet';
      return `starting: pid ${pid} ${again}${seen}`;
    }
    case 'healthy':
      return healthySentence(view);
    case 'failing':
      return failingSentence(view);
    case 'restarting':
      return `restarting${inBudget(verdict, policy)}`;
    case 'backoff':
      return `backoff: ${because(state.failure)}; ${waitText(view)}`;
    case 'open':
      return openSentence(verdict, policy);
    case 'halfOpen':
      return 'halfOpen: one trial restart after the cooldown';
    case 'degraded':
      return `degraded, not restarted (${because(state.failure)}): a restart cannot mend this`;
    case 'paused':
      return state.cause === 'debugger'
        ? `paused: ${state.by}`
        : pausedSentence(state.cause, state.until - at);
    case 'unknown':
      return isBlind(state)
        ? `unknown, not judged: the check itself tells nothing (${state.blind})`
        : `unknown, not judged: ${state.unfit}`;
  }
}

function failingSentence({ verdict, config: { policy } }: TargetView): string {
  const { state, process, at } = verdict;
  if (state.name !== 'failing') return state.name;
  const seen = `failing ${counted(state.streak.failures, policy)} (${because(state.failure)})`;
  if (process.status === 'launching') return `${seen}; PM2 still waits to hear that it is ready`;
  const until = busyUntil(verdict, policy);
  if (until === null) return seen + observing(policy.action);
  return `${seen}; it burns CPU, and is given ${durationText(until - at)} more (busyGrace)`;
}

function healthySentence({ last, portNote }: TargetView): string {
  if (last?.kind === 'unknown') {
    return `healthy when last seen; now the check tells nothing (${last.detail})`;
  }
  const seen = last?.kind === 'ok' ? `healthy (${last.detail})` : 'healthy';
  return portNote ? `${seen}; ${portNote}` : seen;
}

/** What a restart that is due waits for. */
export function waitText({ verdict, config, waitsFor = [], pid }: TargetView): string {
  const { state, at, pending } = verdict;
  if (state.name !== 'backoff' || config.policy.action === 'observe') return NO_RESTART;
  const leftMs = state.until - at;
  if (state.failure.class === 'stuck' && pid > 0) {
    return `pid ${pid} is still there, and it is started again as soon as that has gone`;
  }
  if (state.failure.class === 'stuck' && pending === null) {
    return 'it is tried again every few seconds, and the app is started as soon as that has gone';
  }
  if (state.heldUntil !== undefined && state.heldUntil > at) {
    return `held for ${durationText(state.heldUntil - at)}, because many apps began to fail together`;
  }
  if (pending !== null) return 'waits for its last restart, which PM2 has not ended yet';
  if (waitsFor.length > 0) return `waits for the restart of ${waitsFor.join(', ')}`;
  return leftMs > 0 ? `next restart in ${durationText(leftMs)}` : 'next restart if it still fails';
}

/**
 * Until when a failing app is let burn its CPU; null where it is not that which keeps it from a restart:
 * nothing else does, once its failure is proven.
 */
export function busyUntil({ state, since, process }: Verdict, policy: Policy): number | null {
  const isOnline = process.status === 'online';
  if (state.name !== 'failing' || policy.action === 'observe' || !isOnline) return null;
  const isProven = state.streak.failures >= policy.failureThreshold;
  return isProven ? since + policy.busyGraceMs : null;
}

/** A failure with its class, unless the class is already the gist of the detail. */
export function because(failure: Failure): string {
  return `${failure.class}: ${failure.detail}`;
}

/** `restart 1 of 5 in 10m`, as the budget counts. */
export function restartCount(attempt: number, { restarts }: Policy): string {
  return `restart ${attempt} of ${restarts.limit} in ${durationText(restarts.withinMs)}`;
}

/** `3/3`: failures seen of those that make a verdict. */
export function counted(failures: number, { failureThreshold }: Policy): string {
  return `${Math.min(failures, failureThreshold)}/${failureThreshold}`;
}

function inBudget({ memory, at }: Verdict, policy: Policy): string {
  return ` (${restartCount(usedAt(memory.budget, at, policy.restarts), policy)})`;
}

function openSentence(verdict: Verdict, policy: Policy): string {
  const { state, at } = verdict;
  if (state.name !== 'open') return state.name;
  const why =
    state.failure === null
      ? 'PM2 gave the app up (errored)'
      : `${openCause(verdict, policy)}; last seen ${because(state.failure)}`;
  const leftMs = state.until - at;
  const trial =
    leftMs > 0
      ? `next trial in ${durationText(leftMs)}`
      : 'next trial as soon as proof and budget allow';
  const next = policy.action === 'observe' ? NO_RESTART : trial;
  return `open, not restarted: ${why}; ${next}`;
}

function openCause({ memory, reaps, at }: Verdict, policy: Policy): string {
  const { restartsSinceOk: tried, budget } = memory;
  if (tried > 0) return `${tried} ${tried === 1 ? 'restart' : 'restarts'} did not help`;
  if (!hasRoom(budget, at, policy.restarts)) return 'the restart budget is spent';
  return reaps.length > 0
    ? `a left-over of it was ended ${reaps.length} times, and there is one again`
    : 'restarts did not help before';
}

function pausedSentence(cause: string, leftMs: number): string {
  if (cause === 'stopped') return 'paused: stopped in PM2';
  if (cause === 'deleted') return 'paused: deleted from PM2';
  return Number.isFinite(leftMs)
    ? `paused by the operator for ${durationText(leftMs)} more`
    : 'paused by the operator until resumed';
}

function observing(action: ActionMode): string {
  return action === 'observe' ? `, ${NO_RESTART}` : '';
}
