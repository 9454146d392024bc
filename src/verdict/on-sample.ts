import { freshBackoff, HEALTHY_RESET_MS } from './backoff.ts';
import type { Event } from './event.ts';
import { go, stay, type Move } from './transition.ts';
import { open, opened } from './breaker.ts';
import type { Policy } from './policy.ts';
import { restart, trial, type Proof } from './restart.ts';
import type { Memory, State } from './state.ts';
import { failed, isMendable, NO_STREAK, succeeded, type Failure, type Streak } from './streak.ts';

type SampleEvent = Extract<Event, { type: 'sample' }>;

/** An open breaker closes by itself only after this many good answers in a row (DESIGN §4). */
const OPEN_SUCCESSES = 2;

/** Judges one sample that is neither stale nor of a time in which nobody judges. */
export function onSample(state: State, event: SampleEvent, policy: Policy): Move {
  if (event.sample.kind === 'unknown') return stay(state);
  if (event.sample.kind === 'ok') return onOk(state, event, policy);
  if (!isMendable(event.sample)) return onUnmendable(state, event, event.sample, policy);
  return onMendable(state, event, event.sample, policy);
}

function onOk(state: State, { incarnation }: SampleEvent, policy: Policy): Move {
  const { phase } = state;
  switch (phase.name) {
    case 'healthy':
      return settleMemory(state);
    case 'starting':
      return recover(state, incarnation);
    case 'halfOpen':
      return phase.trial.stage === 'starting' ? recover(state, incarnation) : stay(state);
    case 'failing':
    case 'backoff':
    case 'degraded':
    case 'open': {
      const streak = succeeded(phase.streak);
      const wanted =
        phase.name === 'open'
          ? Math.max(OPEN_SUCCESSES, policy.successThreshold)
          : policy.successThreshold;
      if (streak.successes >= wanted) return recover(state, incarnation);
      return go(state, { ...phase, streak });
    }
    case 'restarting':
    case 'paused':
    case 'unknown':
      return stay(state);
  }
}

/** A fail that a restart cannot mend: said, and never acted on. */
function onUnmendable(
  state: State,
  { incarnation }: SampleEvent,
  failure: Failure,
  policy: Policy,
): Move {
  // A trial that ends so has not failed, but neither has it earned another one soon.
  const memory = state.phase.name === 'halfOpen' ? opened(state, policy, true) : state.memory;
  return go(state, { name: 'degraded', incarnation, streak: NO_STREAK, failure }, memory);
}

function onMendable(state: State, event: SampleEvent, failure: Failure, policy: Policy): Move {
  const { phase, at, process } = state;
  const { incarnation, sample } = event;
  switch (phase.name) {
    case 'healthy':
    case 'degraded':
    case 'failing': {
      const streak = failed(phase.name === 'failing' ? phase.streak : NO_STREAK);
      const deadline = process.bornAt + policy.startupTimeoutMs;
      if (!process.hasAnswered && at < deadline) {
        // What was degraded from its start on is still starting.
        return go(state, { name: 'starting', incarnation, deadline, streak, failure });
      }
      if (!isProven(streak, policy) || isMerelyBusy(state, event, failure, policy)) {
        return go(state, { name: 'failing', incarnation, streak, failure });
      }
      return act(state, { incarnation, streak, failure, askedAt: sample.at }, event, policy);
    }
    case 'starting': {
      const streak = failed(phase.streak);
      if (at < phase.deadline || !isProven(streak, policy))
        return go(state, { ...phase, streak, failure });
      return act(state, { incarnation, streak, failure, askedAt: sample.at }, event, policy);
    }
    case 'backoff': {
      // What was asked while all were held proves nothing after it.
      const isOld = phase.heldUntil !== undefined && sample.at < phase.heldUntil;
      const streak = isOld ? NO_STREAK : failed(phase.streak);
      if (!isProven(streak, policy)) return go(state, { ...phase, streak, failure });
      return act(state, { incarnation, streak, failure, askedAt: sample.at }, event, policy);
    }
    case 'open':
    case 'halfOpen':
      return onMendableWhileOpen(state, event, failure, policy);
    case 'restarting':
    case 'paused':
    case 'unknown':
      return stay(state);
  }
}

/** The failure is proven. Of a life that PM2 still waits for it is said, and nothing is done about it. */
function act(state: State, proof: Proof, event: SampleEvent, policy: Policy): Move {
  if (isReady(state)) return restart(state, proof, event, policy);
  const { incarnation, streak, failure } = proof;
  return go(state, { name: 'failing', incarnation, streak, failure });
}

/** PM2 does not wait any more to hear that the app is ready; before, it is not to be restarted. */
function isReady({ process }: State): boolean {
  return process.status === 'online';
}

/** An app that burns CPU and does not answer is given `busyGrace` since its first bad answer. */
function isMerelyBusy(
  { phase, at, since }: State,
  { load }: SampleEvent,
  failure: Failure,
  policy: Policy,
): boolean {
  if (failure.class !== 'timeout' || load !== 'busy') return false;
  return phase.name !== 'failing' || at - since < policy.busyGraceMs;
}

/** The breaker is open, or on trial: at most one restart a cooldown. */
function onMendableWhileOpen(
  state: State,
  gates: SampleEvent,
  failure: Failure,
  policy: Policy,
): Move {
  const { phase, at } = state;
  if (phase.name === 'open') {
    const streak = failed(phase.streak);
    const waiting = go(state, { ...phase, streak, failure });
    const isOld = gates.sample.at < (gates.heldUntil ?? Number.NEGATIVE_INFINITY);
    if (at < phase.until || !isProven(streak, policy) || !isReady(state) || isOld) return waiting;
    return trial(waiting.state, failure, gates, policy);
  }
  if (phase.name !== 'halfOpen' || phase.trial.stage === 'restarting') return stay(state);
  const streak = failed(phase.trial.streak);
  if (at >= phase.trial.deadline && isProven(streak, policy)) {
    return open(state, policy, failure, true);
  }
  return go(state, { name: 'halfOpen', trial: { ...phase.trial, streak } });
}

function isProven({ failures }: Streak, { failureThreshold }: Policy): boolean {
  return failures >= failureThreshold;
}

/** A good answer proves the last restart effective. */
function recover(before: State, incarnation: string): Move {
  const process = { ...before.process, hasAnswered: true };
  const state = { ...before, process, skipped: null };
  const memory = { ...state.memory, restartsSinceOk: 0, openUntil: null };
  return go(state, { name: 'healthy', incarnation }, memory);
}

/** Long health forgives: backoff and cooldown start anew. The budget's window slides by itself. */
function settleMemory(state: State): Move {
  const { memory, since, at } = state;
  const isClean = memory.backoff.restarts === 0 && memory.cooldownMs === null;
  if (isClean || at - since < HEALTHY_RESET_MS) return stay(state);
  const forgiven: Memory = {
    ...memory,
    backoff: freshBackoff(memory.backoff.seed),
    cooldownMs: null,
  };
  return go(state, state.phase, forgiven);
}
