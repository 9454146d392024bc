import type { DeployEvidence, Event } from '../event.ts';
import type { Decision } from '../decision.ts';
import { withoutDrain } from '../drain.ts';
import type { State } from '../state.ts';
import { NO_STREAK } from '../streak.ts';
import { enter, type Transition } from '../transition.ts';
import type { DeployHold, Verdict } from '../verdict.ts';

/** An installer that hangs, or a folder that stays empty, holds the restarts of an app for this long. */
export const HOLD_MOST_MS = 600_000;

/**
 * No restart while an installer works on the app's files, or while they are gone (DESIGN §11): a decision
 * to restart is taken back before it is charged. When that is over, the app is asked from the start: it
 * may be well by then. `before` has the time of the event; `next` is what came of it.
 */
export function holdForDeploy(before: Verdict, next: Transition, event: Event): Transition {
  const seen = 'deploy' in event ? event.deploy : undefined;
  const { deployHold, at } = before;
  const { name } = next.verdict.state;
  if (seen === null || name === 'healthy' || name === 'paused') return release(next);
  if (seen === undefined) return next;
  const due = next.decisions.find((decision) => decision.type === 'restart');
  // An app that PM2 gave up waits for a trial all the time, and the reason is to be shown meanwhile.
  if (due === undefined && deployHold === null && name !== 'open') return next;
  const hold = holdFrom(deployHold?.since ?? at, seen);
  if (at >= hold.until) return { ...next, verdict: { ...next.verdict, deployHold: hold } };
  const held = due === undefined ? keepBack(next, hold) : takeBack(before, hold, due);
  const isNews = deployHold === null && held.verdict.state.name === before.state.name;
  return isNews ? report(held) : held;
}

function holdFrom(since: number, { reason, isCertain }: DeployEvidence): DeployHold {
  return { since, until: isCertain ? Number.POSITIVE_INFINITY : since + HOLD_MOST_MS, reason };
}

function release(next: Transition): Transition {
  if (next.verdict.deployHold === null) return next;
  return { ...next, verdict: { ...next.verdict, deployHold: null } };
}

/** The verdict as if the restart had not been decided: it waits, and nothing is charged. */
function takeBack(
  before: Verdict,
  deployHold: DeployHold,
  { failure }: Extract<Decision, { type: 'restart' }>,
): Transition {
  const verdict = { ...before, deployHold };
  const { state, at } = before;
  const isWaiting = state.name === 'open' || state.name === 'backoff' || failure === null;
  return isWaiting
    ? keepBack(enter(verdict, state), deployHold)
    : enter(verdict, { name: 'backoff', until: at, heldUntil: at, streak: NO_STREAK, failure });
}

/** The wait goes on: what was asked before its end proves nothing after it. */
function keepBack({ verdict, decisions }: Transition, deployHold: DeployHold): Transition {
  const state = stateAtRest(verdict);
  return { verdict: { ...verdict, state, deployHold }, decisions };
}

function stateAtRest({ state, at }: Verdict): State {
  if (state.name === 'open') return { ...state, streak: NO_STREAK };
  // What cannot be stopped or started is waited for by its own rule.
  if (state.name !== 'backoff' || state.failure.class === 'stuck') return state;
  return { ...withoutDrain(state), until: at, heldUntil: at, streak: NO_STREAK };
}

/** A hold that changes no state has no other line in the log. */
function report({ verdict, decisions }: Transition): Transition {
  return { verdict, decisions: [...decisions, { type: 'still', what: 'deploy' }] };
}
