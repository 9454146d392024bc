import { isBlind } from '../verdict/state.ts';
import { QUIET_MS } from '../verdict/incident/flapping.ts';
import { CALM_MS, lastRestartAt } from '../verdict/incident/unstable.ts';
import { hasRoom } from '../verdict/budget.ts';
import type { Policy } from '../verdict/policy.ts';
import { INEFFECTIVE_LIMIT } from '../verdict/restart.ts';
import { appArgument } from '../text/shell-word.ts';
import type { Verdict } from '../verdict/verdict.ts';
import { busyUntil, heldBy, lostText, NO_RESTART, waitText } from './sentence.ts';
import { NEXT_RESTART } from './wait-text.ts';
import type { TargetView } from './view.ts';

/** What comes next for a target if nothing changes. */
interface NextStep {
  readonly what: string;
  /** Its time, monotonic milliseconds; null where it has none. */
  readonly at: number | null;
}

const HELD: NextStep = {
  what: 'checked at once when what it depends on is back, then judged as usual',
  at: null,
};

const LAUNCHING: NextStep = {
  what: 'restarted, if it still fails when PM2 calls it online',
  at: null,
};

/** Says what the monitor does next about a target, and when. */
export function nextStepOf(view: TargetView): NextStep {
  const { verdict, config } = view;
  const { state } = verdict;
  const { policy } = config;
  if (heldBy(verdict) !== null) return HELD;
  if (policy.action === 'observe' && RESTARTED.has(state.name)) return observedStep(state);
  switch (state.name) {
    case 'healthy':
      return healthyStep(verdict);
    case 'starting':
      return startingStep(state, verdict, policy);
    case 'failing':
      return failingStep(state.streak.failures, verdict, policy);
    case 'restarting':
      return { what: 'PM2 brings up a new process', at: null };
    case 'backoff':
      return backoffStep(view, state.until);
    case 'open':
      return heldStep(verdict) ?? openStep(verdict, state.until);
    case 'halfOpen':
      return { what: 'the trial shows whether it answers well', at: null };
    case 'degraded':
      return { what: 'nothing until its cause is fixed; it clears by itself', at: null };
    case 'paused':
      return pausedStep(view, state);
    case 'unknown':
      if (isBlind(state)) {
        return { what: 'checked again, and not restarted while its state is unknown', at: null };
      }
      return {
        what: 'judged again when the monitor is fit to judge',
        // Infinity while the monitor is unfit; then the end of the time to settle.
        at: Number.isFinite(state.settled) ? state.settled : null,
      };
  }
}

/** What an incident waits for that is not over yet although the app is well. */
function healthyStep({ incident, since, restartRun: run }: Verdict): NextStep {
  if (incident?.cause === 'flapping') {
    return { what: 'over, if no answer is bad until then', at: since + QUIET_MS };
  }
  if (incident?.cause === 'unstable') {
    const at = run === null ? null : lastRestartAt(run) + CALM_MS;
    return { what: 'over, if PM2 does not restart it until then', at };
  }
  return { what: 'checked again', at: null };
}

/** The step of a starting app. PM2 starts a process again that exits; we restart only one that runs. */
function startingStep(
  { incarnation, deadline, streak }: Extract<Verdict['state'], { name: 'starting' }>,
  verdict: Verdict,
  policy: Policy,
): NextStep {
  const { process, since, at } = verdict;
  if (incarnation === null) {
    return { what: 'PM2 is stopping or starting it; checked as soon as it is up', at: null };
  }
  if (at >= deadline) return afterMore(streak.failures, verdict, policy);
  const barred = barredStep(verdict, policy);
  if (barred !== null) return barred;
  // Not the first process of this start: PM2 starts it again and again.
  if (process.bornAt > since) {
    const what =
      'PM2 itself starts it again when it ends; restarted only if it runs on without a good answer';
    return { what, at: deadline };
  }
  return { what: 'restarted, if it has given no good answer by then', at: deadline };
}

function failingStep(failures: number, verdict: Verdict, policy: Policy): NextStep {
  if (verdict.process.status === 'launching') return LAUNCHING;
  const until = busyUntil(verdict, policy);
  if (until !== null) return { what: 'restarted, if it is still busy then', at: until };
  return afterMore(failures, verdict, policy);
}

function afterMore(failures: number, verdict: Verdict, policy: Policy): NextStep {
  const left = Math.max(1, policy.failureThreshold - failures);
  const more = left === 1 ? '1 more bad answer' : `${left} more bad answers`;
  return barredStep(verdict, policy) ?? { what: `restarted after ${more}`, at: null };
}

/** The step where the breaker or the budget forbids a restart; null where neither does. */
function barredStep({ memory, at }: Verdict, policy: Policy): NextStep | null {
  const { openUntil, restartsSinceOk, budget } = memory;
  if (openUntil !== null) {
    if (at >= openUntil) return null;
    return { what: 'no restart before; then one trial restart, if it still fails', at: openUntil };
  }
  if (restartsSinceOk >= INEFFECTIVE_LIMIT) {
    return { what: `no restart, ${restartsSinceOk} did not help: ${LATER}`, at: null };
  }
  if (hasRoom(budget, at, policy.restarts)) return null;
  return { what: `no restart, the budget is spent: ${LATER}`, at: null };
}

const LATER = 'one trial after a cooldown, if it still fails';

function openStep(verdict: Verdict, until: number): NextStep {
  const lost = lostText(verdict);
  return lost === null ? { what: 'one trial restart', at: until } : { what: lost, at: null };
}

/** The step of a due restart. It has a time only where it waits for nothing else. */
function backoffStep(view: TargetView, until: number): NextStep {
  const { verdict, waitsFor = [] } = view;
  const { state, pending, at } = verdict;
  const isHeld = state.name === 'backoff' && (state.heldUntil ?? at) > at;
  const isStuck = state.name === 'backoff' && state.failure.class === 'stuck';
  const isTimed = pending === null && waitsFor.length === 0 && until > at;
  const lost = lostText(verdict);
  if (lost !== null) return { what: lost, at: null };
  const held = heldStep(verdict);
  if (held !== null) return held;
  if (isStuck) return { what: 'started again when its process has ended', at: null };
  if (isTimed || isHeld) return { what: 'restarted, if it still fails', at: until };
  const wait = waitText(view);
  const why = wait === NEXT_RESTART ? '' : `; ${wait}`;
  return { what: `restarted, if it still fails${why}`, at: null };
}

/** What a deploy that holds restarts is followed by; null where none holds them. */
function heldStep({ deployHold, process, at }: Verdict): NextStep | null {
  if (deployHold === null || at >= deployHold.until) return null;
  const { until } = deployHold;
  const isDown = process.status === 'errored';
  const what = isDown
    ? 'one trial restart when that is over'
    : 'checked again when that is over; restarted only if it still fails then';
  return Number.isFinite(until)
    ? { what: `${what}, or at the latest`, at: until }
    : { what, at: null };
}

/** The states that can lead to a restart. */
const RESTARTED: ReadonlySet<string> = new Set(['starting', 'failing', 'backoff', 'open']);

/** The step of an app in observe mode. */
function observedStep(state: TargetView['verdict']['state']): NextStep {
  if (state.name !== 'starting') return { what: NO_RESTART, at: null };
  const what = `reported, if it has given no good answer by then; ${NO_RESTART}`;
  return { what, at: state.deadline };
}

function pausedStep(
  { name, pm2Wait }: TargetView,
  { cause, until }: Extract<TargetView['verdict']['state'], { name: 'paused' }>,
): NextStep {
  switch (cause) {
    case 'debugger':
      return { what: 'watched again when the program goes on', at: null };
    case 'operator':
      return Number.isFinite(until)
        ? { what: 'watched again', at: until }
        : { what: `nothing until \`pm2-liveness resume ${appArgument(name)}\``, at: null };
    case 'stopped':
    case 'deleted':
      return pm2Wait?.type === 'cron'
        ? { what: 'nothing until its cron_restart, or somebody, starts it in PM2', at: null }
        : { what: 'nothing until somebody starts it in PM2', at: null };
    case 'unwatched':
      return { what: `nothing until \`pm2-liveness watch ${appArgument(name)}\``, at: null };
  }
}
