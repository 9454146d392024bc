import type { ActionMode, Policy } from '../verdict/policy.ts';
import type { State } from '../verdict/state.ts';
import type { Failure } from '../verdict/threshold.ts';
import { isBlind } from '../verdict/blind.ts';
import { usedAt } from '../verdict/budget.ts';
import { durationText } from './duration-text.ts';
import type { TargetView } from './view.ts';

/** What is said of an app that is only looked at, where a restart of another would be announced. */
export const NO_RESTART = 'observe mode: no restart';

/** What a target's state is, why, and what comes next: one sentence without its name. */
export function sentenceOf(view: TargetView): string {
  const { instances, state } = view;
  const isWhole = instances === undefined || instances.online === instances.all;
  // Of an app that is not up its state says enough.
  if (isWhole || state.process.status !== 'online') return phaseSentence(view);
  return `${phaseSentence(view)}; ${instances.online} of ${instances.all} instances online`;
}

function phaseSentence({ state, config, last, pid }: TargetView): string {
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
      return healthySentence(last);
    case 'failing': {
      const seen = `failing ${counted(phase.streak.failures, policy)} (${because(phase.failure)})`;
      const until = busyUntil(state, policy);
      if (until === null) return seen + observing(policy.action);
      return `${seen}; it burns CPU, and is given ${durationText(until - at)} more (busyGrace)`;
    }
    case 'restarting':
      return `restarting${inBudget(state, policy)}`;
    case 'backoff':
      return policy.action === 'observe'
        ? `backoff: ${because(phase.failure)}; ${NO_RESTART}`
        : `backoff: ${because(phase.failure)}; next restart in ${durationText(phase.until - at)}`;
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

function healthySentence(last: TargetView['last']): string {
  if (last?.kind === 'unknown') {
    return `healthy when last seen; now the check tells nothing (${last.detail})`;
  }
  return last?.kind === 'ok' ? `healthy (${last.detail})` : 'healthy';
}

/**
 * Until when a failing app is let burn its CPU; null where it is not that which keeps it from a restart:
 * nothing else does, once its failure is proven.
 */
export function busyUntil({ phase, since }: State, policy: Policy): number | null {
  if (phase.name !== 'failing' || policy.action === 'observe') return null;
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
  const { phase, at, memory } = state;
  if (phase.name !== 'open') return phase.name;
  const why =
    phase.failure === null
      ? 'PM2 gave the app up (errored)'
      : `${memory.restartsSinceOk > 0 ? `${memory.restartsSinceOk} restarts did not help` : 'the restart budget is spent'}; last seen ${because(phase.failure)}`;
  const leftMs = phase.until - at;
  const trial =
    leftMs > 0
      ? `next trial in ${durationText(leftMs)}`
      : 'next trial as soon as proof and budget allow';
  const next = policy.action === 'observe' ? NO_RESTART : trial;
  return `open, not restarted: ${why}; ${next}`;
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
