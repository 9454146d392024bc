import { nextBackoff } from './backoff.ts';
import { openBreaker } from './breaker.ts';
import { charge, hasRoom, usedAt } from './budget.ts';
import { isHeldByDependency } from './dependency/dependency.ts';
import { drain, drainUntilOf, hasDrained, isDraining, withoutDrain } from './drain.ts';
import type { RestartEvidence } from './event.ts';
import type { Policy } from './policy.ts';
import { incarnationToEnd, isRunning } from './process.ts';
import { isHeld, type State } from './state.ts';
import { NO_STREAK, type Failure, type Streak } from './streak.ts';
import { enter, unchanged, withDecision, type Transition } from './transition.ts';
import type { Memory, Verdict } from './verdict.ts';

/** How long a restart may be in flight. The longest `kill_timeout` in common use is well below this. */
export const RESTART_DEADLINE_MS = 120_000;

/** After this many restarts in a row without a good answer, more restarts do not help. */
export const INEFFECTIVE_LIMIT = 2;

/** Why a restart is due. */
export interface FailureEvidence {
  readonly streak: Streak;
  readonly failure: Failure;
  /** When the newest of the failed probes began. */
  readonly askedAt: number;
}

/**
 * Restarts a target for which a restart is due. From top to bottom: what forbids it, then what delays it.
 */
export function restart(
  verdict: Verdict,
  evidence: FailureEvidence,
  others: RestartEvidence,
  policy: Policy,
): Transition {
  const { failure } = evidence;
  const isBreakerClosed = verdict.memory.openUntil === null;
  const isHeldWithAll = evidence.askedAt < heldUntilOf(others);
  if (isHeldByDependency(verdict)) return waitForDependency(verdict, evidence);
  if (policy.action === 'observe') return withhold(verdict, evidence);
  if (isCoolingDown(verdict)) return openBreaker(verdict, policy, failure, false);
  if (isBreakerClosed && isExhausted(verdict, policy)) {
    return openBreaker(verdict, policy, failure, false);
  }
  if (isHeldWithAll) return holdBack(verdict, evidence, others);
  if (!isBreakerClosed) return startTrial(verdict, failure, others, policy);
  if (isInBackoff(verdict)) return holdBack(verdict, evidence, others);
  const drainUntil = drainUntilOf(verdict, failure, policy);
  if (!isSlotFree(verdict, others)) return waitForSlot(verdict, evidence, others, drainUntil);
  if (drainUntil !== null && !hasDrained(verdict, drainUntil)) {
    return drain(verdict, evidence, drainUntil, others.drainFreeAt);
  }
  return issueRestart(verdict, 'restart', failure, policy);
}

/** The cooldown has passed: starts one trial, if mode, slot, hold and budget allow it. */
export function startTrial(
  verdict: Verdict,
  failure: Failure | null,
  others: RestartEvidence,
  policy: Policy,
): Transition {
  if (isHeldByDependency(verdict)) return unchanged(verdict);
  if (policy.action === 'observe') return unchanged(verdict);
  if (!isFreeOfOthers(verdict, others)) return unchanged(verdict);
  if (isSpent(verdict, policy)) return unchanged(verdict);
  return issueRestart(verdict, 'trial', failure, policy);
}

/**
 * The process that could not be stopped is gone, and PM2 has given the app up; or PM2 has lost the app. It is
 * started as its backoff allows. An order that could stop nothing does not count as a restart that did not help.
 */
export function revive(verdict: Verdict, others: RestartEvidence, policy: Policy): Transition {
  const { state, at, memory } = verdict;
  if (state.name !== 'backoff' || at < state.until) return unchanged(verdict);
  if (!isFreeOfOthers(verdict, others)) return unchanged(verdict);
  const { failure } = state;
  if (isCoolingDown(verdict)) return openBreaker(verdict, policy, failure, false);
  if (memory.openUntil !== null) return startTrial(verdict, failure, others, policy);
  // A start that never happened is no restart that did not help: memory or descriptors come back by themselves.
  const isOver = failure.class === 'lost' ? isSpent : isExhausted;
  if (isOver(verdict, policy)) return openBreaker(verdict, policy, failure, false);
  return issueRestart(verdict, 'restart', failure, policy);
}

/**
 * A proven orphan holds the port. The cause is known and can be removed, so the first time threshold and
 * breaker do not apply; budget, backoff and slot do.
 */
export function endOrphan(
  verdict: Verdict,
  failure: Failure,
  others: RestartEvidence,
  policy: Policy,
): Transition {
  const { at, process } = verdict;
  if (isHeld(verdict.state) || isHeldByDependency(verdict)) return unchanged(verdict);
  if (!isRunning(process.status) && process.status !== 'errored') return unchanged(verdict);
  const isGivenUp = incarnationToEnd(process) === null;
  const evidence = { streak: NO_STREAK, failure, askedAt: at };
  if (policy.action === 'observe') {
    return isGivenUp ? unchanged(verdict) : withhold(verdict, evidence);
  }
  const ended = verdict.orphansEnded.filter((time) => time > at - policy.restarts.withinMs);
  if (isCoolingDown(verdict) && ended.length > 0) {
    return openBreaker(verdict, policy, failure, false);
  }
  if (isSpent(verdict, policy)) return openBreaker(verdict, policy, failure, false);
  // An orphan that comes back again and again is part of how this app runs: leave it alone.
  if (ended.length >= INEFFECTIVE_LIMIT) return openBreaker(verdict, policy, failure, true);
  if (!isFreeOfOthers(verdict, others) || isInBackoff(verdict)) {
    return isGivenUp ? unchanged(verdict) : holdBack(verdict, evidence, others);
  }
  const counted = { ...verdict, orphansEnded: [...ended, at] };
  return issueRestart(counted, 'endOrphan', failure, policy);
}

/** True while the breaker is open and its cooldown runs. */
function isCoolingDown({ at, memory }: Verdict): boolean {
  return memory.openUntil !== null && at < memory.openUntil;
}

/** True where restarts have not helped, or the budget is spent. */
function isExhausted(verdict: Verdict, policy: Policy): boolean {
  return verdict.memory.restartsSinceOk >= INEFFECTIVE_LIMIT || isSpent(verdict, policy);
}

function isSpent({ at, memory }: Verdict, { restarts }: Policy): boolean {
  return !hasRoom(memory.budget, at, restarts);
}

function isInBackoff({ at, memory }: Verdict): boolean {
  return at < memory.backoff.notBefore;
}

/** True where no restart of another app is too close in time, and none of this app is in flight. */
function isSlotFree({ at, pending }: Verdict, { slotFreeAt }: RestartEvidence): boolean {
  return pending === null && at >= slotFreeAt;
}

/** True where the slot is free and no mass failure hold is on. */
function isFreeOfOthers(verdict: Verdict, others: RestartEvidence): boolean {
  return isSlotFree(verdict, others) && verdict.at >= heldUntilOf(others);
}

function heldUntilOf({ heldUntil }: RestartEvidence): number {
  return heldUntil ?? Number.NEGATIVE_INFINITY;
}

/** A restart is due but must wait: for backoff, slot, mass failure hold, or this app's last restart. */
function holdBack(
  verdict: Verdict,
  { streak, failure, askedAt }: FailureEvidence,
  others: RestartEvidence,
): Transition {
  const { at, memory } = verdict;
  const heldUntil = heldUntilOf(others);
  const slotFreeAt = Number.isFinite(others.slotFreeAt) ? others.slotFreeAt : at;
  const until = Math.max(memory.backoff.notBefore, slotFreeAt, heldUntil);
  const waiting = { name: 'backoff', until, failure } as const;
  const isHeldWithAll = askedAt < heldUntil;
  return isHeldWithAll
    ? enter(verdict, { ...waiting, streak: NO_STREAK, heldUntil })
    : enter(verdict, { ...waiting, streak });
}

/** A restart is due and the slot is taken. One that drains, or has, goes on with that: the slot is free in seconds. */
function waitForSlot(
  verdict: Verdict,
  evidence: FailureEvidence,
  others: RestartEvidence,
  drainUntil: number | null,
): Transition {
  const waiting = holdBack(verdict, evidence, others);
  const { state } = waiting.verdict;
  return drainUntil !== null && isDraining(verdict.state) && state.name === 'backoff'
    ? enter(verdict, { ...state, until: Math.max(state.until, drainUntil), drainUntil })
    : waiting;
}

/** What the app depends on is down, or is asked first: its failures are counted, and nothing else. */
function waitForDependency(verdict: Verdict, { streak, failure }: FailureEvidence): Transition {
  const { state } = verdict;
  if (state.name === 'backoff') return enter(verdict, { ...withoutDrain(state), streak, failure });
  return state.name === 'starting'
    ? enter(verdict, { ...state, streak, failure })
    : enter(verdict, { name: 'failing', streak, failure });
}

/** In `observe` mode, reports once per incident what would have been done. */
function withhold(verdict: Verdict, { streak, failure }: FailureEvidence): Transition {
  const failing = enter(verdict, { name: 'failing', streak, failure });
  return verdict.incident === null ? withDecision(failing, { type: 'withheld', failure }) : failing;
}

/** Decides the restart, and charges it to the budget. */
function issueRestart(
  verdict: Verdict,
  kind: 'restart' | 'trial' | 'endOrphan',
  failure: Failure | null,
  policy: Policy,
): Transition {
  const { at, memory } = verdict;
  const incarnation = incarnationToEnd(verdict.process);
  const [trial, endsOrphan] = [kind === 'trial', kind === 'endOrphan'];
  const early = trial ? savedOf(verdict.state) : {};
  const charged: Memory = {
    ...memory,
    budget: charge(memory.budget, at, policy.restarts),
    backoff: nextBackoff(memory.backoff, at, policy.restarts),
    restartsSinceOk: memory.restartsSinceOk + 1,
  };
  // A reload that did not help is followed by a restart (DESIGN §5).
  const isFirst = memory.restartsSinceOk === 0 && incarnation !== null && !endsOrphan;
  const method = policy.action === 'reload' && isFirst ? 'reload' : 'restart';
  const inFlight = { ended: incarnation, deadline: at + RESTART_DEADLINE_MS };
  const state: State = trial
    ? { name: 'halfOpen', trial: { stage: 'restarting', ...inFlight }, ...early }
    : { name: 'restarting', ...inFlight };
  const attempt = usedAt(charged.budget, at, policy.restarts);
  const pending = { at, backoff: memory.backoff, endsOrphan };
  const common = { method, incarnation, failure, trial, endsOrphan, attempt } as const;
  return withDecision(enter({ ...verdict, pending }, state, charged), {
    type: 'restart',
    ...common,
    ...early,
  });
}

/** Why a trial comes before the end of its cooldown; empty where it does not. */
function savedOf(state: State): { readonly saved?: string } {
  return state.name === 'open' && state.saved !== undefined ? { saved: state.saved } : {};
}
