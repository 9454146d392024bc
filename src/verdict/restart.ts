import { nextBackoff } from './backoff.ts';
import { charge, hasRoom, usedAt } from './budget.ts';
import { deciding, go, stay, type Move } from './transition.ts';
import { open } from './breaker.ts';
import type { Policy } from './policy.ts';
import { isHeld, type State } from './state.ts';
import { isRunning, incarnationToEnd, type IncarnationId } from './process.ts';
import type { Memory, Pending, Verdict } from './verdict.ts';
import { NO_STREAK, type Failure, type Streak } from './streak.ts';
import type { RestartEvidence } from './event.ts';

/** How long a restart may be in flight; the longest `kill_timeout` in common use is well below. */
export const RESTART_DEADLINE_MS = 120_000;

/** What stood in the way of an order may still do so: it is tried again so much later, then after twice that. */
const SKIPPED_HOLD_MS = 10_000;

/** What could not be ended may have gone a moment later. */
const STUCK_HOLD_MS = 3_000;

/** So many restarts in a row without one good answer, and more of them will not help. */
export const INEFFECTIVE_LIMIT = 2;

/** The evidence that a restart is due. */
export interface Proof {
  readonly incarnation: IncarnationId;
  readonly streak: Streak;
  readonly failure: Failure;
  /** When the newest of these questions was asked. */
  readonly askedAt: number;
}

/** A restart is due: issues it, or holds it back by mode, breaker, budget, backoff, slot or hold. */
export function restart(
  verdict: Verdict,
  proof: Proof,
  gates: RestartEvidence,
  policy: Policy,
): Move {
  if (policy.action === 'observe') return withhold(verdict, proof);
  const { at, memory, pending } = verdict;
  const isHeldWithAll = proof.askedAt < heldUntilOf(gates);
  if (memory.openUntil !== null) {
    if (at < memory.openUntil) return open(verdict, policy, proof.failure, false);
    return isHeldWithAll
      ? holdBack(verdict, proof, gates)
      : trial(verdict, proof.failure, gates, policy);
  }
  if (memory.restartsSinceOk >= INEFFECTIVE_LIMIT || !hasRoom(memory.budget, at, policy.restarts)) {
    return open(verdict, policy, proof.failure, false);
  }
  const isEarly = at < memory.backoff.notBefore || at < gates.slotFreeAt || pending !== null;
  if (isHeldWithAll || isEarly) return holdBack(verdict, proof, gates);
  const deadline = at + RESTART_DEADLINE_MS;
  const state: State = { name: 'restarting', ended: proof.incarnation, deadline };
  return issue(verdict, state, proof, policy);
}

/** The cooldown has passed: one trial, where budget and slot allow it. */
export function trial(
  verdict: Verdict,
  failure: Failure | null,
  gates: RestartEvidence,
  policy: Policy,
): Move {
  const { at, memory } = verdict;
  if (policy.action === 'observe' || !isOpenTo(verdict, gates)) return stay(verdict);
  if (!hasRoom(memory.budget, at, policy.restarts)) return stay(verdict);
  const ended = incarnationToEnd(verdict.process);
  const deadline = at + RESTART_DEADLINE_MS;
  const state: State = { name: 'halfOpen', trial: { stage: 'restarting', ended, deadline } };
  return issue(verdict, state, { incarnation: ended, failure }, policy);
}

/**
 * The process that could not be ended has gone, and PM2 has given the app up: it is started again
 * within its backoff, for that nothing came of the order is no restart that did not help.
 */
export function revive(verdict: Verdict, gates: RestartEvidence, policy: Policy): Move {
  const { state, at, memory } = verdict;
  if (state.name !== 'backoff' || at < state.until || !isOpenTo(verdict, gates))
    return stay(verdict);
  const { failure } = state;
  if (memory.openUntil !== null) {
    return at < memory.openUntil
      ? open(verdict, policy, failure, false)
      : trial(verdict, failure, gates, policy);
  }
  if (memory.restartsSinceOk >= INEFFECTIVE_LIMIT || !hasRoom(memory.budget, at, policy.restarts)) {
    return open(verdict, policy, failure, false);
  }
  const restarting: State = { name: 'restarting', ended: null, deadline: at + RESTART_DEADLINE_MS };
  return issue(verdict, restarting, { incarnation: null, failure }, policy);
}

/**
 * A proven left-over holds the port: the cause is known and can be ended, so neither threshold nor
 * breaker stand in the way the first time; budget, backoff and slot do. The proof is looked for
 * again meanwhile.
 */
export function reap(
  verdict: Verdict,
  failure: Failure,
  gates: RestartEvidence,
  policy: Policy,
): Move {
  const { at, memory, process } = verdict;
  const isFree = isOpenTo(verdict, gates) && at >= memory.backoff.notBefore;
  const hasLife = isRunning(process.status) || process.status === 'errored';
  if (isHeld(verdict.state) || !hasLife) return stay(verdict);
  const ended = incarnationToEnd(verdict.process);
  const proof =
    ended === null ? null : { incarnation: ended, streak: NO_STREAK, failure, askedAt: at };
  if (policy.action === 'observe') return proof === null ? stay(verdict) : withhold(verdict, proof);
  const orphansEnded = verdict.orphansEnded.filter((time) => time > at - policy.restarts.withinMs);
  const isOpen = memory.openUntil !== null && at < memory.openUntil && orphansEnded.length > 0;
  if (isOpen || !hasRoom(memory.budget, at, policy.restarts)) {
    return open(verdict, policy, failure, false);
  }
  // A left-over that comes again and again is how this app runs, and not for us to end.
  if (orphansEnded.length >= INEFFECTIVE_LIMIT) return open(verdict, policy, failure, true);
  if (!isFree) {
    return proof === null ? stay(verdict) : holdBack(verdict, proof, gates);
  }
  const deadline = at + RESTART_DEADLINE_MS;
  const restarting: State = { name: 'restarting', ended, deadline };
  const counted = { ...verdict, orphansEnded: [...orphansEnded, at] };
  return issue(counted, restarting, { incarnation: ended, failure, endsOrphan: true }, policy);
}

/** Nothing stands in the way of a restart, whatever other apps do, and none of this app is under way. */
function isOpenTo({ at, pending }: Verdict, gates: RestartEvidence): boolean {
  return pending === null && at >= gates.slotFreeAt && at >= heldUntilOf(gates);
}

function heldUntilOf({ heldUntil }: RestartEvidence): number {
  return heldUntil ?? Number.NEGATIVE_INFINITY;
}

/** A restart is due, but not yet: backoff, slot, the hold of all or its own last one stand in the way. */
function holdBack(verdict: Verdict, proof: Proof, gates: RestartEvidence): Move {
  const { at, memory } = verdict;
  const { incarnation, failure, askedAt } = proof;
  const heldUntil = heldUntilOf(gates);
  const isHeldWithAll = askedAt < heldUntil;
  const slotFreeAt = Number.isFinite(gates.slotFreeAt) ? gates.slotFreeAt : at;
  const until = Math.max(memory.backoff.notBefore, slotFreeAt, heldUntil);
  const streak = isHeldWithAll ? NO_STREAK : proof.streak;
  const waiting = { name: 'backoff', incarnation, until, streak, failure } as const;
  return go(verdict, isHeldWithAll ? { ...waiting, heldUntil } : waiting);
}

/** Charges the restart to the memory and asks for it. */
function issue(
  verdict: Verdict,
  state: State,
  why: { incarnation: IncarnationId | null; failure: Failure | null; endsOrphan?: boolean },
  policy: Policy,
): Move {
  const { incarnation, failure, endsOrphan = false } = why;
  const { at, memory } = verdict;
  const charged: Memory = {
    ...memory,
    budget: charge(memory.budget, at, policy.restarts),
    backoff: nextBackoff(memory.backoff, at, policy.restarts),
    restartsSinceOk: memory.restartsSinceOk + 1,
  };
  // A reload that did not help is followed by a restart (DESIGN §5).
  const isFirst = memory.restartsSinceOk === 0 && incarnation !== null && !endsOrphan;
  const reload = policy.action === 'reload' && isFirst;
  const pending = { at, backoff: memory.backoff, endsOrphan };
  return deciding(go({ ...verdict, pending }, state, charged), {
    type: 'restart',
    method: reload ? 'reload' : 'restart',
    incarnation,
    failure,
    trial: state.name === 'halfOpen',
    endsOrphan,
    attempt: usedAt(charged.budget, at, policy.restarts),
  });
}

/**
 * Takes the charge of a restart back that was never issued, for the reason `why`. The next one waits
 * a little, and longer each time that nothing comes of it again.
 */
export function refundSkipped(before: Verdict, why: string, policy: Policy): Verdict {
  const { pending, at } = before;
  if (pending === null) return before;
  const times = (before.skipped?.times ?? 0) + 1;
  const longest = Math.max(SKIPPED_HOLD_MS, policy.restarts.maxBackoffMs);
  const holdMs = Math.min(longest, SKIPPED_HOLD_MS * 2 ** (times - 1));
  return unspent(before, pending, why, at + holdMs);
}

/** The same for a left-over that could not be ended, which is tried again in a few seconds each time. */
export function refundStuck(before: Verdict, why: string): Verdict {
  const { pending, at } = before;
  return pending === null ? before : unspent(before, pending, why, at + STUCK_HOLD_MS);
}

/** Charge and backoff as they were before the order; the next one waits until `next`. */
function unspent(before: Verdict, pending: Pending, why: string, next: number): Verdict {
  const verdict = refund(before);
  const { memory } = verdict;
  const isLatest = memory.backoff.restarts === pending.backoff.restarts + 1;
  const backoff = isLatest ? pending.backoff : memory.backoff;
  const notBefore = Math.max(backoff.notBefore, next);
  return {
    ...verdict,
    skipped: { reason: why, times: (before.skipped?.times ?? 0) + 1 },
    memory: { ...memory, backoff: { ...backoff, notBefore } },
  };
}

/** Takes the charge of a restart back that ended nothing; the backoff stays as it is. */
export function refund(verdict: Verdict): Verdict {
  const { memory, pending } = verdict;
  if (pending === null) return verdict;
  const index = memory.budget.lastIndexOf(pending.at);
  return {
    ...verdict,
    pending: null,
    orphansEnded: pending.endsOrphan ? verdict.orphansEnded.slice(0, -1) : verdict.orphansEnded,
    memory: {
      ...memory,
      budget: memory.budget.filter((_, nth) => nth !== index),
      restartsSinceOk: Math.max(0, memory.restartsSinceOk - 1),
    },
  };
}

/** `observe` mode says once per incident what it would have done. */
function withhold(verdict: Verdict, proof: Proof): Move {
  const { incarnation, streak, failure } = proof;
  const move = go(verdict, { name: 'failing', incarnation, streak, failure });
  return verdict.incident === null
    ? deciding(move, { type: 'withheld', failure: proof.failure })
    : move;
}
