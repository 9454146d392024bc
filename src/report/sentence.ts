import {
  holdText,
  nextRestartText,
  openCause,
  retryText,
  trialReason,
  unknownSentence,
} from './wait-text.ts';
import type { ActionMode, Policy } from '../verdict/policy.ts';
import type { Verdict } from '../verdict/verdict.ts';
import type { OwnStart } from '../verdict/start/own-start.ts';
import { describeRestarts } from '../verdict/incident/unstable.ts';
import type { Failure } from '../verdict/streak.ts';
import { isIll, type DependencyHold } from '../verdict/dependency/dependency.ts';
import { usedAt } from '../verdict/budget.ts';
import { durationText } from '../text/duration-text.ts';
import { certificateText } from './certificate-text.ts';
import { cronText, readyText, stopText } from './pm2-wait-text.ts';
import type { SlowAnswers, TargetView } from './view.ts';

/** The text instead of a restart in observe mode. */
export const NO_RESTART = 'observe mode: no restart';

/** The state of a target, the reason, and what comes next: one sentence without the name. */
export function sentenceOf(view: TargetView): string {
  const { incident, restartRun } = view.verdict;
  // Flapping matters more than the last answer.
  if (incident?.cause === 'flapping')
    return `flapping (${incident.detail}); now ${wholeSentence(view)}`;
  if (incident?.cause === 'unstable') {
    const seen = restartRun === null ? incident.detail : describeRestarts(restartRun);
    return `unstable (${seen}); now ${wholeSentence(view)}`;
  }
  return wholeSentence(view);
}

function wholeSentence(view: TargetView): string {
  const { instances, verdict } = view;
  const isWhole = instances === undefined || instances.online === instances.all;
  const said = `${heldText(verdict)}${phaseSentence(view)}${skippedText(verdict)}${backgroundText(view)}`;
  const sentence = view.releaseNote ? `${said}; ${view.releaseNote}` : said;
  // Where the app is not up, its state is enough.
  if (isWhole || verdict.process.status !== 'online') return sentence;
  return `${sentence}; ${instances.online} of ${instances.all} instances online`;
}

/** What keeps an app back that is not well: something that it depends on is down. */
export function heldBy({ dependency, state }: Verdict): DependencyHold | null {
  const { hold } = dependency;
  return hold?.isDown === true && isIll(state) ? hold : null;
}

function heldText(verdict: Verdict): string {
  const hold = heldBy(verdict);
  return hold === null ? '' : `held: ${hold.reason}; `;
}

/** Says that the app's server runs in the background; empty where it does not, or where the state says it. */
function backgroundText({ verdict, background }: TargetView): string {
  const { name } = verdict.state;
  return background === undefined || name === 'degraded' || name === 'healthy'
    ? ''
    : `; ${background}`;
}

/** Says why due restarts were not issued; empty where nothing is known to prevent them. */
function skippedText({ skipped, state }: Verdict): string {
  if (skipped === null || state.name === 'healthy' || state.name === 'paused') return '';
  // The state already gives this reason.
  if (state.name === 'backoff' && state.failure.detail === skipped.reason) return '';
  const times = skipped.times === 1 ? '' : `${skipped.times} times in a row: `;
  return `; could not be restarted: ${times}${skipped.reason}`;
}

function phaseSentence(view: TargetView): string {
  const { verdict, config, pid } = view;
  const { state, at } = verdict;
  const { policy } = config;
  switch (state.name) {
    case 'starting': {
      if (state.incarnation === null) {
        return `starting: not up, ${stopText(view, '') || 'PM2 is stopping or starting it'}`;
      }
      const seen = state.failure ? `not healthy yet: ${state.failure.detail}` : unseen(view);
      if (state.own && state.failure) return ownStartSentence(state.own, state.failure);
      return `starting: pid ${pid}, ${verdict.process.hasAnswered && !state.failure ? 'checked again' : seen}`;
    }
    case 'healthy':
      return healthySentence(view);
    case 'failing':
      return failingSentence(view);
    case 'restarting':
      return `restarting${inBudget(verdict, policy)}${stopText(view, '; ')}`;
    case 'backoff':
      return `backoff: ${because(state.failure)}; ${waitText(view)}`;
    case 'open':
      return openSentence(verdict, policy);
    case 'halfOpen':
      return `halfOpen: one trial restart ${trialReason(state)}${stopText(view, '; ')}`;
    case 'degraded':
      return `degraded, not restarted (${because(state.failure)}): a restart cannot fix this`;
    case 'paused':
      return state.cause === 'debugger'
        ? `paused: ${state.by}`
        : pausedSentence(state.cause, state.until - at) + cronText(view);
    case 'unknown':
      return unknownSentence(state, verdict);
  }
}

/** What an app says that has not answered well: only that the deep check is still at work, perhaps. */
function unseen({ verdict, last }: TargetView): string {
  const isLate = last?.kind === 'unknown' && last.cause === 'pending';
  return verdict.memory.needsDeep && isLate ? last.detail : 'no answer yet';
}

/** A start that PM2 knows nothing of: the app replaces a process of its own. */
function ownStartSentence({ by, pid }: OwnStart, { detail }: Failure): string {
  return by === 'birth'
    ? `starting: the app restarts a process of its own (pid ${pid}), not healthy yet: ${detail}`
    : `starting: the app's process ${pid} has ended and it may start another, not healthy yet: ${detail}`;
}

function failingSentence(view: TargetView): string {
  const { verdict, config } = view;
  const { policy } = config;
  const { state, process, at } = verdict;
  if (state.name !== 'failing') return state.name;
  const seen = `failing ${counted(state.streak.failures, policy)} (${because(state.failure)})`;
  if (process.status === 'launching')
    return seen + (readyText(view) || '; PM2 has not called it online yet');
  const until = busyUntil(verdict, policy);
  if (until === null) return seen + observing(policy.action);
  return `${seen}; it burns CPU and gets ${durationText(until - at)} more (busyGrace)`;
}

/** `slow: 1.2s is the median of 12 answers, more than 800ms`. */
export function slowText({ medianMs, limitMs, answers }: SlowAnswers): string {
  return `slow: ${durationText(medianMs)} is the median of ${answers} answers, more than ${durationText(limitMs)}`;
}

function healthySentence(view: TargetView): string {
  const { last, portNote, slow, certificate } = view;
  if (last?.kind === 'unknown') {
    return `healthy when last seen; now the check gives no result (${last.detail})`;
  }
  const seen = last?.kind === 'ok' ? `healthy (${last.detail})` : 'healthy';
  const expires = certificate && certificateText(certificate);
  return [seen + readyText(view), slow && slowText(slow), expires, portNote]
    .filter(Boolean)
    .join('; ');
}

/** Says what a due restart waits for. */
export function waitText({ verdict, config, waitsFor = [], pid }: TargetView): string {
  const { state, at, pending } = verdict;
  if (state.name !== 'backoff' || config.policy.action === 'observe') return NO_RESTART;
  const held = holdText(verdict);
  if (held !== null) return held;
  if (state.failure.class === 'stuck' && pid > 0) {
    return `pid ${pid} still runs; the app is started again as soon as it has ended`;
  }
  if (state.failure.class === 'stuck' && pending === null) {
    return 'stopping it is tried again every few seconds, then the app is started';
  }
  if (state.heldUntil !== undefined && state.heldUntil > at) {
    return `held for ${durationText(state.heldUntil - at)}, because many apps began to fail together`;
  }
  const lost = lostText(verdict);
  if (lost !== null) return lost;
  if (pending !== null) return 'waits for its last restart, which PM2 has not finished yet';
  if (waitsFor.length > 0) return `waits for the restart of ${waitsFor.join(', ')}`;
  return nextRestartText(state, at);
}

/** What an app waits for that PM2 lost over something that is missing; null for any other. */
export function lostText({ process }: Verdict): string | null {
  const { lost } = process;
  if (lost === undefined) return null;
  if (lost.isDeadEnd === true) {
    return "PM2 can neither start, stop nor delete it any more, and `pm2 kill` hangs: stop the other apps, `kill -9` PM2's daemon, then `pm2 resurrect`";
  }
  if (lost.missing === null) return null;
  const isOneGone = lost.detail.endsWith(`${lost.missing} is missing`);
  return `it is started as soon as ${lost.missing} ${isOneGone ? 'is back' : 'can be used'}`;
}

/**
 * Until when a failing app may use much CPU before it is restarted; null where something else prevents a
 * restart. Once its failure is proven, nothing else does.
 */
export function busyUntil(
  { state, since, process, dependency }: Verdict,
  policy: Policy,
): number | null {
  const isOnline = process.status === 'online';
  if (dependency.hold !== null) return null;
  if (state.name !== 'failing' || policy.action === 'observe' || !isOnline) return null;
  const isProven = state.streak.failures >= policy.failureThreshold;
  return isProven ? since + policy.busyGraceMs : null;
}

/** A failure with its class, as text. */
export function because(failure: Failure): string {
  return `${failure.class}: ${failure.detail}`;
}

/** `restart 1 of 5 in 10m`, from the budget. */
export function restartCount(attempt: number, { restarts }: Policy): string {
  return `restart ${attempt} of ${restarts.limit} in ${durationText(restarts.withinMs)}`;
}

/** `3/3`: the failures so far, and the threshold. */
export function counted(failures: number, { failureThreshold }: Policy): string {
  return `${Math.min(failures, failureThreshold)}/${failureThreshold}`;
}

function inBudget({ memory, at }: Verdict, policy: Policy): string {
  return ` (${restartCount(usedAt(memory.budget, at, policy.restarts), policy)})`;
}

function openSentence(verdict: Verdict, policy: Policy): string {
  const { state } = verdict;
  if (state.name !== 'open') return state.name;
  const reason =
    state.failure === null
      ? 'PM2 gave the app up (errored)'
      : `${openCause(verdict, policy)}; last seen ${because(state.failure)}`;
  if (policy.action === 'observe') return `gave up: ${reason}; ${NO_RESTART}`;
  const lost = lostText(verdict);
  const held = holdText(verdict);
  if (lost !== null) return `gave up: ${reason}; ${lost}`;
  if (held !== null) return `gave up, ${held}: ${reason}`;
  const gaveUp = `gave up, ${retryText(verdict, state, policy)}: ${reason}`;
  return verdict.deployHold === null ? gaveUp : `${gaveUp}; ${verdict.deployHold.reason}`;
}

function pausedSentence(cause: string, leftMs: number): string {
  if (cause === 'stopped') return 'paused: stopped in PM2';
  if (cause === 'deleted') return 'paused: deleted from PM2';
  if (cause === 'unwatched') return 'no longer watched: no block is in force for it';
  return Number.isFinite(leftMs)
    ? `paused by the operator for ${durationText(leftMs)} more`
    : 'paused by the operator until resumed';
}

function observing(action: ActionMode): string {
  return action === 'observe' ? `, ${NO_RESTART}` : '';
}
