import { freshBackoff, HEALTHY_RESET_MS } from './backoff.ts';
import { openBreaker, startCooldown } from './breaker.ts';
import { isHeldByDependency } from './dependency/dependency.ts';
import type { Event } from './event.ts';
import { isEnding } from './incident/ending.ts';
import { ownStartUntil } from './start/own-start.ts';
import type { Policy } from './policy.ts';
import { isRunning } from './process.ts';
import { restart, startTrial, type FailureEvidence } from './restart.ts';
import { isHeld, type State } from './state.ts';
import { addFailure, addSuccess, isRestartable, NO_STREAK, type Failure } from './streak.ts';
import { enter, unchanged, type Transition } from './transition.ts';
import { onUnanswered } from './unknown/unanswered.ts';
import type { Memory, Verdict } from './verdict.ts';

type SampleEvent = Extract<Event, { type: 'sample' }>;
type Good = Extract<SampleEvent['sample'], { readonly kind: 'ok' }>;
type StateOf<Name extends State['name']> = Extract<State, { readonly name: Name }>;

/** An open breaker closes by itself only after this many good answers in a row (DESIGN §4). */
const OPEN_SUCCESSES = 2;

/**
 * Judges one sample. From top to bottom: samples that do not count, answers that are no failure,
 * failures.
 */
export function onSample(before: Verdict, event: SampleEvent, policy: Policy): Transition {
  const { sample } = event;
  if (isStale(before, event) || isHeld(before.state)) return unchanged(before);
  if (sample.kind === 'unknown') return onUnanswered(before, event, sample);
  const heard = before.unanswered === null ? before : { ...before, unanswered: null };
  const verdict = noteDepth(heard, sample);
  if (sample.kind === 'ok') {
    return isEnough(sample, verdict) ? onGoodAnswer(verdict, policy) : unchanged(verdict);
  }
  if (!isRestartable(sample)) return degrade(verdict, sample, policy);
  return onFailure(verdict, sample, event, policy);
}

/** True for a sample of another incarnation, or of a probe that began before the present state. */
export function isStale(
  { process, since }: Verdict,
  { incarnation, sample }: Pick<SampleEvent, 'incarnation' | 'sample'>,
): boolean {
  return !isRunning(process.status) || process.incarnation !== incarnation || sample.at < since;
}

/** What a deep check found broken is well again only when one finds it well (DESIGN §11). */
function isEnough(sample: Good, { memory }: Verdict): boolean {
  return sample.isShallow !== true || !memory.needsDeep;
}

/** Remembers that a deep check found the app broken; `recover` forgets it. */
function noteDepth(verdict: Verdict, sample: Good | Failure): Verdict {
  const { memory } = verdict;
  if (sample.kind === 'ok' || sample.isDeep !== true || memory.needsDeep) return verdict;
  return { ...verdict, memory: { ...memory, needsDeep: true } };
}

/** One good answer ends a start; other states need as many in a row as their threshold. */
function onGoodAnswer(verdict: Verdict, policy: Policy): Transition {
  const { state } = verdict;
  if (state.name === 'healthy') return forgiveAfterLongHealth(verdict);
  if (state.name === 'starting' || state.name === 'halfOpen') return recover(verdict);
  if (!('streak' in state)) return unchanged(verdict);
  const streak = addSuccess(state.streak);
  const least = state.name === 'open' ? OPEN_SUCCESSES : 0;
  if (streak.successes >= Math.max(least, policy.successThreshold)) return recover(verdict);
  return enter(verdict, { ...state, streak });
}

/** A failure that a restart cannot fix: reported, and never acted on. */
function degrade(verdict: Verdict, failure: Failure, policy: Policy): Transition {
  // Such a trial has not failed, but the next one must not come soon.
  const isTrial = verdict.state.name === 'halfOpen' && !isHeldByDependency(verdict);
  const memory = isTrial ? startCooldown(verdict, policy, true) : verdict.memory;
  return enter(verdict, { name: 'degraded', streak: NO_STREAK, failure }, memory);
}

/** A failure that a restart can fix. From top to bottom: the reasons not to restart yet. */
function onFailure(
  verdict: Verdict,
  failure: Failure,
  event: SampleEvent,
  policy: Policy,
): Transition {
  const { state } = verdict;
  if (state.name === 'open') return onFailureWhileOpen(verdict, state, failure, event, policy);
  if (state.name === 'halfOpen') return onFailureOnTrial(verdict, state, failure, policy);
  const evidence = addToEvidence(state, failure, event.sample.at);
  const until = ownStartUntil(event.ownStart, failure, verdict.process, policy);
  if (until !== null && verdict.at < until) return startByItself(verdict, evidence, event, until);
  if (failure.isFinal !== true && isStarting(verdict, policy))
    return keepStarting(verdict, evidence, policy);
  if (!isProven(evidence, policy) && !isDeadStopped(verdict, failure))
    return keepCounting(verdict, evidence);
  if (isMerelyBusy(verdict, failure, event, policy)) return suspect(verdict, evidence);
  if (isEnding(verdict, failure)) return suspect(verdict, evidence);
  if (!isReady(verdict)) return suspect(verdict, evidence);
  return restart(verdict, evidence, event, policy);
}

/** The app restarts a process of its own, and comes up by itself: it is given the time of a start. */
function startByItself(
  verdict: Verdict,
  { streak, failure }: FailureEvidence,
  { ownStart }: SampleEvent,
  deadline: number,
): Transition {
  const { incarnation } = verdict.process;
  const own = ownStart ? { own: ownStart } : {};
  return enter(verdict, { name: 'starting', incarnation, deadline, streak, failure, ...own });
}

/** Counts the failures in a row, with this one. Only states before a restart count them. */
function addToEvidence(state: State, failure: Failure, askedAt: number): FailureEvidence {
  const isCounting =
    state.name === 'starting' || state.name === 'failing' || state.name === 'backoff';
  const streak = addFailure(isCounting ? state.streak : NO_STREAK);
  // A probe that began while all restarts were held proves nothing afterwards.
  const isOld = state.name === 'backoff' && askedAt < (state.heldUntil ?? askedAt);
  return { streak: isOld ? NO_STREAK : streak, failure, askedAt };
}

function isStarting(verdict: Verdict, policy: Policy): boolean {
  return verdict.at < startsUntil(verdict, policy);
}

/** Until when an incarnation that has never answered has time to come up. */
function startsUntil({ state, process }: Verdict, policy: Policy): number {
  if (state.name === 'starting') return state.deadline;
  if (state.name === 'backoff' || process.hasAnswered) return Number.NEGATIVE_INFINITY;
  return process.bornAt + policy.startupTimeoutMs;
}

/** An app that was degraded since its start is still starting. */
function keepStarting(verdict: Verdict, evidence: FailureEvidence, policy: Policy): Transition {
  const { streak, failure } = evidence;
  const { state, process } = verdict;
  const deadline = startsUntil(verdict, policy);
  const own = state.name === 'starting' && state.own ? { own: state.own } : {};
  const { incarnation } = process;
  return enter(verdict, { name: 'starting', incarnation, deadline, streak, failure, ...own });
}

function isProven(
  { streak: { failures } }: FailureEvidence,
  { failureThreshold }: Policy,
): boolean {
  return failures >= failureThreshold;
}

/** One sample is enough where a signal has stopped an app that was well before: it does not go on by itself. */
function isDeadStopped({ process }: Verdict, { isStopped }: Failure): boolean {
  return isStopped === true && process.hasAnswered;
}

/** Counts a failure below the threshold. */
function keepCounting(verdict: Verdict, evidence: FailureEvidence): Transition {
  const { streak, failure } = evidence;
  const { state } = verdict;
  return state.name === 'starting' || state.name === 'backoff'
    ? enter(verdict, { ...state, streak, failure })
    : suspect(verdict, evidence);
}

/** Reports the failures; nothing is done about them yet. */
function suspect(verdict: Verdict, { streak, failure }: FailureEvidence): Transition {
  return enter(verdict, { name: 'failing', streak, failure });
}

/**
 * True while an app that does not answer uses much CPU: it gets `busyGrace`, counted from its first bad
 * answer.
 */
function isMerelyBusy(
  { state, at, since }: Verdict,
  failure: Failure,
  { load }: SampleEvent,
  policy: Policy,
): boolean {
  if (failure.class !== 'timeout' || load !== 'busy') return false;
  if (state.name === 'starting' || state.name === 'backoff') return false;
  return state.name !== 'failing' || at - since < policy.busyGraceMs;
}

/**
 * True where PM2 no longer waits for the app's ready message. Before that the app must not be restarted.
 */
function isReady({ process }: Verdict): boolean {
  return process.status === 'online';
}

/** The breaker is open: after its cooldown, newly proven failures get one trial. */
function onFailureWhileOpen(
  verdict: Verdict,
  state: StateOf<'open'>,
  failure: Failure,
  event: SampleEvent,
  policy: Policy,
): Transition {
  const askedAt = event.sample.at;
  const evidence = { streak: addFailure(state.streak), failure, askedAt };
  const waiting = enter(verdict, { ...state, streak: evidence.streak, failure });
  if (verdict.at < state.until || !isProven(evidence, policy)) return waiting;
  if (!isReady(verdict) || askedAt < (event.heldUntil ?? askedAt)) return waiting;
  return startTrial(waiting.verdict, failure, event, policy);
}

/** The trial has failed when its startup time is over and the threshold is reached. */
function onFailureOnTrial(
  verdict: Verdict,
  state: StateOf<'halfOpen'>,
  failure: Failure,
  policy: Policy,
): Transition {
  const { trial } = state;
  if (trial.stage === 'restarting') return unchanged(verdict);
  const streak = addFailure(trial.streak);
  const isOver = verdict.at >= trial.deadline && !isHeldByDependency(verdict);
  return isOver && isProven({ streak, failure, askedAt: verdict.at }, policy)
    ? openBreaker(verdict, policy, failure, true)
    : enter(verdict, { ...state, trial: { ...trial, streak } });
}

/** A good answer shows that the last restart helped. */
function recover(before: Verdict): Transition {
  const process = { ...before.process, hasAnswered: true };
  const verdict = { ...before, process, skipped: null };
  const memory = { ...verdict.memory, restartsSinceOk: 0, openUntil: null, needsDeep: false };
  return enter(verdict, { name: 'healthy' }, memory);
}

/**
 * After a long time in good health backoff and cooldown start again. The budget's window slides by
 * itself.
 */
function forgiveAfterLongHealth(verdict: Verdict): Transition {
  const { memory, since, at } = verdict;
  const isClean = memory.backoff.restarts === 0 && memory.cooldownMs === null;
  if (isClean || at - since < HEALTHY_RESET_MS) return unchanged(verdict);
  const forgiven: Memory = {
    ...memory,
    backoff: freshBackoff(memory.backoff.seed),
    cooldownMs: null,
  };
  return enter(verdict, verdict.state, forgiven);
}
