import type { Policy } from './policy.ts';
import type { Memory, Verdict } from './verdict.ts';
import type { State } from './state.ts';
import { incarnationToEnd } from './process.ts';
import { NO_STREAK, type Failure } from './streak.ts';
import { go, type Move } from './transition.ts';

/** The state of a target of which nothing is known but what PM2 says of its process. */
export function place(verdict: Verdict, policy: Policy): Move {
  const { status, incarnation, bornAt, hasAnswered } = verdict.process;
  switch (status) {
    case 'online':
    case 'launching':
    case 'transit': {
      // A life that has answered once has come up, whatever made us look at it afresh.
      const deadline = hasAnswered ? verdict.at : bornAt + policy.startupTimeoutMs;
      return go(verdict, {
        name: 'starting',
        incarnation: status === 'transit' ? null : incarnation,
        deadline,
        streak: NO_STREAK,
        failure: null,
      });
    }
    case 'stuck':
      return wait(verdict, STUCK);
    case 'stopped':
      return go(verdict, { name: 'paused', cause: 'stopped', until: Number.POSITIVE_INFINITY });
    case 'gone':
      return go(verdict, { name: 'paused', cause: 'deleted', until: Number.POSITIVE_INFINITY });
    case 'errored':
      return open(verdict, policy, null, false);
  }
}

const STUCK: Failure = {
  kind: 'fail',
  class: 'stuck',
  detail: 'PM2 could not end its process, not even by SIGKILL',
};

/** The app is down, and is started again as soon as the process has gone that could not be ended. */
export function wait(verdict: Verdict, failure: Failure): Move {
  const { at, process, memory } = verdict;
  const incarnation = process.incarnation ?? '';
  const until = Math.max(at, memory.backoff.notBefore);
  return go(verdict, { name: 'backoff', incarnation, until, streak: NO_STREAK, failure });
}

/** A left-over is looked for every 5 s, and one that is still there is to be found before that. */
const GONE_MS = 8_000;

/**
 * PM2 gave the app up over a left-over that could not be ended: it is started once none is found any
 * more. Its cause is known, so that the breaker does not stand in the way.
 */
export function waitForOrphan(before: Verdict, failure: Failure): Move {
  const { memory, orphansEnded } = before;
  const isFirst = orphansEnded.length === 0;
  const verdict = isFirst ? { ...before, memory: { ...memory, openUntil: null } } : before;
  const move = wait(verdict, failure);
  const { state } = move.verdict;
  if (state.name !== 'backoff') return move;
  return go(move.verdict, { ...state, until: state.until + GONE_MS });
}

/** True while a process that could not be ended, or was just seen to be gone, is all there is of the app. */
export function isWaiting({ state }: Verdict): boolean {
  return state.name === 'backoff' && state.failure.class === 'stuck';
}

/**
 * Stops restarting until a cooldown has passed. A new life, or a spell of other failures, neither
 * ends the cooldown nor begins it anew: it is kept in the memory until the app answers well.
 */
export function open(
  verdict: Verdict,
  policy: Policy,
  failure: Failure | null,
  widen: boolean,
): Move {
  const memory = opened(verdict, policy, widen);
  const state: State = {
    name: 'open',
    incarnation: incarnationToEnd(verdict.process),
    until: memory.openUntil,
    streak: NO_STREAK,
    failure,
  };
  return go(verdict, state, memory);
}

/** The memory of an open breaker; after a failed trial (`widen`) the cooldown is twice as long, up to its cap. */
export function opened(
  { memory, at }: Verdict,
  policy: Policy,
  widen: boolean,
): Memory & { readonly openUntil: number } {
  const { cooldownMs, maxCooldownMs } = policy.restarts;
  const last = memory.cooldownMs ?? cooldownMs;
  const next = widen ? Math.min(maxCooldownMs, last * 2) : last;
  const isRunning = !widen && memory.openUntil !== null && memory.openUntil > at;
  return { ...memory, cooldownMs: next, openUntil: isRunning ? memory.openUntil : at + next };
}
