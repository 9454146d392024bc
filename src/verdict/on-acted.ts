import { openBreaker } from './breaker.ts';
import type { Event } from './event.ts';
import { lossIn } from './pm2-fault/lost.ts';
import { stateFromProcess } from './on-process.ts';
import type { Policy } from './policy.ts';
import { isRestarting } from './state.ts';
import type { Failure } from './streak.ts';
import { waitForOrphan, waitUntilGone } from './pm2-fault/stuck.ts';
import { unchanged, type Transition } from './transition.ts';
import type { Pending, Verdict } from './verdict.ts';

type ActedEvent = Extract<Event, { type: 'acted' }>;

/** A trial that could not be issued is tried again after this long, with the cooldown unchanged. */
const SKIPPED_TRIAL_MS = 60_000;

/**
 * A restart that could not be issued is tried again after this long, then after twice as long, and so on.
 */
const SKIPPED_HOLD_MS = 10_000;

/** A process that could not be stopped may be gone a moment later. */
const STUCK_HOLD_MS = 3_000;

/** Takes over the result of our restart. After `done` a process event brings the new incarnation. */
export function onActed(before: Verdict, event: ActedEvent, policy: Policy): Transition {
  const { result, detail = '' } = event;
  if (result === 'stuck') return onStuck(before, detail, policy);
  const verdict =
    result === 'skipped'
      ? refundSkipped(before, detail, policy)
      : { ...before, pending: null, skipped: null };
  const { state, at, memory } = verdict;
  if (result === 'done') return unchanged(verdict);
  if (state.name === 'restarting') return stateFromProcess(verdict, policy);
  if (result === 'cleared' || !isRestarting(state)) return unchanged(verdict);
  if (result === 'failed') return openBreaker(verdict, policy, lossIn(verdict), true);
  const openUntil = at + SKIPPED_TRIAL_MS;
  return openBreaker({ ...verdict, memory: { ...memory, openUntil } }, policy, null, false);
}

/**
 * No process could be stopped, so nothing is charged. An app whose own process PM2 could not stop is
 * down, and is started when that process is gone. The same holds for an app that PM2 gave up because of
 * an orphan that could not be stopped; the search for the orphan goes on.
 */
function onStuck(before: Verdict, detail: string, policy: Policy): Transition {
  const endsOrphan = before.pending?.endsOrphan === true;
  const verdict = endsOrphan ? refundStuck(before, detail) : { ...refund(before), skipped: null };
  const { state, process } = verdict;
  if (!isRestarting(state)) return unchanged(verdict);
  const failure: Failure = { kind: 'fail', class: 'stuck', detail };
  if (endsOrphan && process.status === 'errored') return waitForOrphan(verdict, failure);
  return endsOrphan || process.incarnation === null
    ? stateFromProcess(verdict, policy)
    : waitUntilGone(verdict, failure);
}

/** Refunds a restart that was never issued. The next one waits, longer each time in a row. */
function refundSkipped(before: Verdict, reason: string, policy: Policy): Verdict {
  const { pending, at, skipped } = before;
  if (pending === null) return before;
  const longest = Math.max(SKIPPED_HOLD_MS, policy.restarts.maxBackoffMs);
  const holdMs = Math.min(longest, SKIPPED_HOLD_MS * 2 ** (skipped?.times ?? 0));
  return refundWithBackoff(before, pending, reason, at + holdMs);
}

/** Refunds the stop of an orphan that could not be stopped. It is tried again in a few seconds. */
function refundStuck(before: Verdict, reason: string): Verdict {
  const { pending, at } = before;
  if (pending === null) return before;
  return refundWithBackoff(before, pending, reason, at + STUCK_HOLD_MS);
}

/** Gives back the charge and the backoff of before the order. The next restart waits until `next`. */
function refundWithBackoff(
  before: Verdict,
  pending: Pending,
  reason: string,
  next: number,
): Verdict {
  const verdict = refund(before);
  const { memory } = verdict;
  const isLatest = memory.backoff.restarts === pending.backoff.restarts + 1;
  const backoff = isLatest ? pending.backoff : memory.backoff;
  const notBefore = Math.max(backoff.notBefore, next);
  return {
    ...verdict,
    skipped: { reason, times: (before.skipped?.times ?? 0) + 1 },
    memory: { ...memory, backoff: { ...backoff, notBefore } },
  };
}

/** Gives back the charge of a restart that stopped nothing; the backoff stays as it is. */
function refund(verdict: Verdict): Verdict {
  const { memory, pending, orphansEnded } = verdict;
  if (pending === null) return verdict;
  const index = memory.budget.lastIndexOf(pending.at);
  return {
    ...verdict,
    pending: null,
    orphansEnded: pending.endsOrphan ? orphansEnded.slice(0, -1) : orphansEnded,
    memory: {
      ...memory,
      budget: memory.budget.filter((_, nth) => nth !== index),
      restartsSinceOk: Math.max(0, memory.restartsSinceOk - 1),
    },
  };
}
