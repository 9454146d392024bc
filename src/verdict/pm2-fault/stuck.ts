import type { State } from '../state.ts';
import { NO_STREAK, type Failure } from '../streak.ts';
import { enter, type Transition } from '../transition.ts';
import type { Verdict } from '../verdict.ts';

/** The failure of a process that PM2 could not stop. */
export const STUCK: Failure = {
  kind: 'fail',
  class: 'stuck',
  detail: 'PM2 could not stop its process, not even with SIGKILL',
};

/** The search for an orphan runs every 5 s: one that is still there is found within this time. */
const GONE_MS = 8_000;

/** The app is down. It is started as soon as the process that could not be stopped is gone. */
export function waitUntilGone(verdict: Verdict, failure: Failure, extraMs = 0): Transition {
  const { at, memory } = verdict;
  const until = Math.max(at, memory.backoff.notBefore) + extraMs;
  return enter(verdict, { name: 'backoff', until, streak: NO_STREAK, failure });
}

/**
 * PM2 gave the app up because of an orphan that could not be stopped: the app is started when the orphan
 * is no longer found. The cause is known, so the breaker does not apply.
 */
export function waitForOrphan(before: Verdict, failure: Failure): Transition {
  const { memory, orphansEnded } = before;
  const isFirst = orphansEnded.length === 0;
  const verdict = isFirst ? { ...before, memory: { ...memory, openUntil: null } } : before;
  return waitUntilGone(verdict, failure, GONE_MS);
}

/**
 * True while the app's only process is one that could not be stopped, also shortly after that is gone.
 */
export function isStuck(state: State): boolean {
  return state.name === 'backoff' && state.failure.class === 'stuck';
}
