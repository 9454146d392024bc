import type { ActionMode, Policy } from '../verdict/policy.ts';
import type { State } from '../verdict/state.ts';
import type { Failure } from '../verdict/streak.ts';
import { isBlind } from '../verdict/blind.ts';
import { hasRoom, usedAt } from '../verdict/budget.ts';
import { durationText } from '../text/duration-text.ts';
import type { TargetView } from './view.ts';

/** What is said of an app that is only looked at, where a restart of another would be announced. */
export const NO_RESTART = 'observe mode: no restart';

/** What a target's state is, why, and what comes next: one sentence without its name. */
export function sentenceOf(view: TargetView): string {
  const { incident } = view.state;
  // The gist, whatever the last answer was.
  if (incident?.cause === 'flapping')
    return `flapping (${incident.detail}); now ${wholeSentence(view)}`;
  return wholeSentence(view);
}

function wholeSentence(view: TargetView): string {
  const { instances, state } = view;
  const isWhole = instances === undefined || instances.online === instances.all;
  const sentence = `${phaseSentence(view)}${skippedText(state)}${backgroundText(view)}`;
  // Of an app that is not up its state says enough.
  if (isWhole || state.process.status !== 'online') return sentence;
  return `${sentence}; ${instances.online} of ${instances.all} instances online`;
}

/** Of an app whose server PM2 does not run; empty where the state itself says it, or it is not so. */
function backgroundText({ state, background }: TargetView): string {
  const { name } = state.phase;
  return background === undefined || name === 'degraded' || name === 'healthy'
    ? ''
    : `; ${background}`;
}

/** Why the restarts that were due were none; empty where nothing is known to stand in their way. */
function skippedText({ skipped, phase }: State): string {
  if (skipped === null || phase.name === 'healthy' || phase.name === 'paused') return '';
  // It is the very reason that the phase tells of.
  if (phase.name === 'backoff' && phase.failure.detail === skipped.why) return '';
  const times = skipped.times === 1 ? '' : `${skipped.times} times in a row: `;
  return `; could not be restarted: ${times}${skipped.why}`;
}

function phaseSentence(view: TargetView): string {
  const { state, config, pid } = view;
  const { phase, at } = state;
  const { policy } = config;
  switch (phase.name) {
    case 'starting': {
      if (phase.incarnation === null) return 'starting: not up, PM2 is stopping or starting it';
      const seen = phase.failure ? `, ${phase.failure.detail}` : '';
      const again = state.process.hasAnswered ? 'is looked at afresh' : 'has not answered yet';
      return `starting: pid ${pid} ${again}${seen}`;
    }
    case 'healthy':
      return healthySentence(view);
    case 'failing':
      return failingSentence(view);
    case 'restarting':
      return `restarting${inBudget(state, policy)}`;
    case 'backoff':
      return `backoff: ${because(phase.failure)}; ${waitText(view)}`;
    case 'open':
      return openSentence(state, policy);
    case 'halfOpen':
      return 'halfOpen: one trial restart after the cooldown';
    case 'degraded':
      return `degraded, not restarted (${because(phase.failure)}): a restart cannot mend this`;
    case 'paused':
      return phase.cause === 'debugger'
        ? `paused: ${phase.by}`
        : pausedSentence(phase.cause, phase.until - at);
    case 'unknown':
      return isBlind(phase)
        ? `unknown, not judged: the check itself tells nothing (${phase.blind})`
        : `unknown, not judged: ${phase.unfit}`;
  }
}

function failingSentence({ state, config: { policy } }: TargetView): string {
  const { phase, process, at } = state;
  if (phase.name !== 'failing') return phase.name;
  const seen = `failing ${counted(phase.streak.failures, policy)} (${because(phase.failure)})`;
  if (process.status === 'launching') return `${seen}; PM2 still waits to hear that it is ready`;
  const until = busyUntil(state, policy);
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
export function waitText({ state, config, waitsFor = [], pid }: TargetView): string {
  const { phase, at, pending } = state;
  if (phase.name !== 'backoff' || config.policy.action === 'observe') return NO_RESTART;
  const leftMs = phase.until - at;
  if (phase.failure.class === 'stuck' && pid > 0) {
    return `pid ${pid} is still there, and it is started again as soon as that has gone`;
  }
  if (phase.failure.class === 'stuck' && pending === null) {
    return 'it is tried again every few seconds, and the app is started as soon as that has gone';
  }
  if (phase.heldUntil !== undefined && phase.heldUntil > at) {
    return `held for ${durationText(phase.heldUntil - at)}, because many apps began to fail together`;
  }
  if (pending !== null) return 'waits for its last restart, which PM2 has not ended yet';
  if (waitsFor.length > 0) return `waits for the restart of ${waitsFor.join(', ')}`;
  return leftMs > 0 ? `next restart in ${durationText(leftMs)}` : 'next restart if it still fails';
}

/**
 * Until when a failing app is let burn its CPU; null where it is not that which keeps it from a restart:
 * nothing else does, once its failure is proven.
 */
export function busyUntil({ phase, since, process }: State, policy: Policy): number | null {
  const isOnline = process.status === 'online';
  if (phase.name !== 'failing' || policy.action === 'observe' || !isOnline) return null;
  const isProven = phase.streak.failures >= policy.failureThreshold;
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

function inBudget({ memory, at }: State, policy: Policy): string {
  return ` (${restartCount(usedAt(memory.budget, at, policy.restarts), policy)})`;
}

function openSentence(state: State, policy: Policy): string {
  const { phase, at } = state;
  if (phase.name !== 'open') return phase.name;
  const why =
    phase.failure === null
      ? 'PM2 gave the app up (errored)'
      : `${openCause(state, policy)}; last seen ${because(phase.failure)}`;
  const leftMs = phase.until - at;
  const trial =
    leftMs > 0
      ? `next trial in ${durationText(leftMs)}`
      : 'next trial as soon as proof and budget allow';
  const next = policy.action === 'observe' ? NO_RESTART : trial;
  return `open, not restarted: ${why}; ${next}`;
}

function openCause({ memory, reaps, at }: State, policy: Policy): string {
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
