import type { Decision } from '../decision.ts';
import type { Incident, IncidentEnd } from './incident.ts';
import type { Transition } from '../transition.ts';
import type { Policy } from '../policy.ts';
import type { PauseCause, State } from '../state.ts';
import type { Verdict } from '../verdict.ts';
import type { Failure } from '../streak.ts';

const ENDS: Readonly<Record<PauseCause, IncidentEnd>> = {
  stopped: 'stopped',
  deleted: 'deleted',
  operator: 'paused',
  debugger: 'debugged',
};

const GIVEN_UP = 'PM2 gave the app up after too many unstable restarts';

/** The incident that begins with a move. */
export function openingOf(
  before: Verdict,
  { verdict, decisions }: Transition,
  policy: Policy,
): Incident {
  const isOverdue = isStartOverdue(verdict, policy);
  const failure = failureOf(verdict.state) ?? failureIn(decisions);
  return {
    openedAt: isFirstSign(before.state) ? before.since : verdict.at,
    detectedAt: verdict.at,
    cause: isOverdue ? 'startup' : (failure?.class ?? 'errored'),
    detail: failure?.detail ?? (isOverdue ? 'it does not come up' : GIVEN_UP),
    restarts: decisions.filter(({ type }) => type === 'restart').length,
  };
}

/** True where the app is not up after its startup time, however often it was started. */
export function isStartOverdue(
  { state, at, since }: Verdict,
  { startupTimeoutMs }: Policy,
): boolean {
  return state.name === 'starting' && at - since >= startupTimeoutMs;
}

/** States in which the verdict is sure that the target is not well. */
export function isTrouble({ name }: State): boolean {
  return (
    name === 'restarting' ||
    name === 'backoff' ||
    name === 'open' ||
    name === 'halfOpen' ||
    name === 'degraded'
  );
}

/** How an incident ends in a state; null where it goes on. */
export function endOf(state: State): IncidentEnd | null {
  if (state.name === 'healthy') return 'recovered';
  return state.name === 'paused' ? ENDS[state.cause] : null;
}

/** The failure a state stands on, where it has one. */
export function failureOf(state: State): Failure | null {
  return 'failure' in state ? state.failure : null;
}

/** States whose beginning was the first sign of the trouble that is now proven. */
function isFirstSign({ name }: State): boolean {
  return name === 'failing' || name === 'starting';
}

function failureIn(decisions: readonly Decision[]): Failure | null {
  for (const decision of decisions) {
    if (decision.type === 'restart' || decision.type === 'withheld') return decision.failure;
  }
  return null;
}
