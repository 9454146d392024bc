import { isRunning } from './process.ts';
import { freshBackoff, HEALTHY_RESET_MS } from './backoff.ts';
import type { Event } from './event.ts';
import { go, stay, type Move } from './transition.ts';
import { open, opened } from './breaker.ts';
import type { Policy } from './policy.ts';
import { restart, trial, type Proof } from './restart.ts';
import type { Memory, Verdict } from './verdict.ts';
import {
  failed,
  isRestartable,
  NO_STREAK,
  succeeded,
  type Failure,
  type Streak,
} from './streak.ts';

type SampleEvent = Extract<Event, { type: 'sample' }>;

/** An open breaker closes by itself only after this many good answers in a row (DESIGN §4). */
const OPEN_SUCCESSES = 2;

/** Judges one sample that is neither stale nor of a time in which nobody judges. */
export function onSample(verdict: Verdict, event: SampleEvent, policy: Policy): Move {
  if (event.sample.kind === 'unknown') return stay(verdict);
  if (event.sample.kind === 'ok') return onOk(verdict, event, policy);
  if (!isRestartable(event.sample)) return onUnmendable(verdict, event, event.sample, policy);
  return onMendable(verdict, event, event.sample, policy);
}

function onOk(verdict: Verdict, { incarnation }: SampleEvent, policy: Policy): Move {
  const { state } = verdict;
  switch (state.name) {
    case 'healthy':
      return settleMemory(verdict);
    case 'starting':
      return recover(verdict, incarnation);
    case 'halfOpen':
      return state.trial.stage === 'starting' ? recover(verdict, incarnation) : stay(verdict);
    case 'failing':
    case 'backoff':
    case 'degraded':
    case 'open': {
      const streak = succeeded(state.streak);
      const wanted =
        state.name === 'open'
          ? Math.max(OPEN_SUCCESSES, policy.successThreshold)
          : policy.successThreshold;
      if (streak.successes >= wanted) return recover(verdict, incarnation);
      return go(verdict, { ...state, streak });
    }
    case 'restarting':
    case 'paused':
    case 'unknown':
      return stay(verdict);
  }
}

/** A fail that a restart cannot mend: said, and never acted on. */
function onUnmendable(
  verdict: Verdict,
  { incarnation }: SampleEvent,
  failure: Failure,
  policy: Policy,
): Move {
  // A trial that ends so has not failed, but neither has it earned another one soon.
  const memory = verdict.state.name === 'halfOpen' ? opened(verdict, policy, true) : verdict.memory;
  return go(verdict, { name: 'degraded', incarnation, streak: NO_STREAK, failure }, memory);
}

function onMendable(verdict: Verdict, event: SampleEvent, failure: Failure, policy: Policy): Move {
  const { state, at, process } = verdict;
  const { incarnation, sample } = event;
  switch (state.name) {
    case 'healthy':
    case 'degraded':
    case 'failing': {
      const streak = failed(state.name === 'failing' ? state.streak : NO_STREAK);
      const deadline = process.bornAt + policy.startupTimeoutMs;
      if (!process.hasAnswered && at < deadline) {
        // What was degraded from its start on is still starting.
        return go(verdict, { name: 'starting', incarnation, deadline, streak, failure });
      }
      if (!isProven(streak, policy) || isMerelyBusy(verdict, event, failure, policy)) {
        return go(verdict, { name: 'failing', incarnation, streak, failure });
      }
      return act(verdict, { incarnation, streak, failure, askedAt: sample.at }, event, policy);
    }
    case 'starting': {
      const streak = failed(state.streak);
      if (at < state.deadline || !isProven(streak, policy))
        return go(verdict, { ...state, streak, failure });
      return act(verdict, { incarnation, streak, failure, askedAt: sample.at }, event, policy);
    }
    case 'backoff': {
      // What was asked while all were held proves nothing after it.
      const isOld = state.heldUntil !== undefined && sample.at < state.heldUntil;
      const streak = isOld ? NO_STREAK : failed(state.streak);
      if (!isProven(streak, policy)) return go(verdict, { ...state, streak, failure });
      return act(verdict, { incarnation, streak, failure, askedAt: sample.at }, event, policy);
    }
    case 'open':
    case 'halfOpen':
      return onMendableWhileOpen(verdict, event, failure, policy);
    case 'restarting':
    case 'paused':
    case 'unknown':
      return stay(verdict);
  }
}

/** The failure is proven. Of a life that PM2 still waits for it is said, and nothing is done about it. */
function act(verdict: Verdict, proof: Proof, event: SampleEvent, policy: Policy): Move {
  if (isReady(verdict)) return restart(verdict, proof, event, policy);
  const { incarnation, streak, failure } = proof;
  return go(verdict, { name: 'failing', incarnation, streak, failure });
}

/** PM2 does not wait any more to hear that the app is ready; before, it is not to be restarted. */
function isReady({ process }: Verdict): boolean {
  return process.status === 'online';
}

/** An app that burns CPU and does not answer is given `busyGrace` since its first bad answer. */
function isMerelyBusy(
  { state, at, since }: Verdict,
  { load }: SampleEvent,
  failure: Failure,
  policy: Policy,
): boolean {
  if (failure.class !== 'timeout' || load !== 'busy') return false;
  return state.name !== 'failing' || at - since < policy.busyGraceMs;
}

/** The breaker is open, or on trial: at most one restart a cooldown. */
function onMendableWhileOpen(
  verdict: Verdict,
  gates: SampleEvent,
  failure: Failure,
  policy: Policy,
): Move {
  const { state, at } = verdict;
  if (state.name === 'open') {
    const streak = failed(state.streak);
    const waiting = go(verdict, { ...state, streak, failure });
    const isOld = gates.sample.at < (gates.heldUntil ?? Number.NEGATIVE_INFINITY);
    if (at < state.until || !isProven(streak, policy) || !isReady(verdict) || isOld) return waiting;
    return trial(waiting.verdict, failure, gates, policy);
  }
  if (state.name !== 'halfOpen' || state.trial.stage === 'restarting') return stay(verdict);
  const streak = failed(state.trial.streak);
  if (at >= state.trial.deadline && isProven(streak, policy)) {
    return open(verdict, policy, failure, true);
  }
  return go(verdict, { name: 'halfOpen', trial: { ...state.trial, streak } });
}

function isProven({ failures }: Streak, { failureThreshold }: Policy): boolean {
  return failures >= failureThreshold;
}

/** A good answer proves the last restart effective. */
function recover(before: Verdict, incarnation: string): Move {
  const process = { ...before.process, hasAnswered: true };
  const verdict = { ...before, process, skipped: null };
  const memory = { ...verdict.memory, restartsSinceOk: 0, openUntil: null };
  return go(verdict, { name: 'healthy', incarnation }, memory);
}

/** Long health forgives: backoff and cooldown start anew. The budget's window slides by itself. */
function settleMemory(verdict: Verdict): Move {
  const { memory, since, at } = verdict;
  const isClean = memory.backoff.restarts === 0 && memory.cooldownMs === null;
  if (isClean || at - since < HEALTHY_RESET_MS) return stay(verdict);
  const forgiven: Memory = {
    ...memory,
    backoff: freshBackoff(memory.backoff.seed),
    cooldownMs: null,
  };
  return go(verdict, verdict.state, forgiven);
}

/** A sample of another life, or one begun before the present state, says nothing of it. */
export function isStale(
  { process, since }: Verdict,
  { incarnation, sample }: Extract<Event, { type: 'sample' }>,
): boolean {
  return !isRunning(process.status) || process.incarnation !== incarnation || sample.at < since;
}
