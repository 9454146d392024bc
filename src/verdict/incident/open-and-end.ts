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
  unwatched: 'unwatched',
  operator: 'paused',
  debugger: 'debugged',
};

const GIVEN_UP = 'PM2 gave the app up after too many unstable restarts';

/** The incident that begins with this change of state; null where none begins. */
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

/** True where the app has not come up within its startup time, counted over all its starts. */
export function isStartOverdue(
  { state, at, since }: Verdict,
  { startupTimeoutMs }: Policy,
): boolean {
  return state.name === 'starting' && at - since >= startupTimeoutMs;
}

/** States in which it is proven that the target is not well. */
export function isTrouble({ name }: State): boolean {
  return (
    name === 'restarting' ||
    name === 'backoff' ||
    name === 'open' ||
    name === 'halfOpen' ||
    name === 'degraded'
  );
}

/** How an incident ends in this state; null where it continues. */
export function endOf(state: State): IncidentEnd | null {
  if (state.name === 'healthy') return 'recovered';
  return state.name === 'paused' ? ENDS[state.cause] : null;
}

/** The failure of a state; null where it has none. */
export function failureOf(state: State): Failure | null {
  return 'failure' in state ? state.failure : null;
}

/** States that begin with the first sign of a failure, before it is proven. */
function isFirstSign({ name }: State): boolean {
  return name === 'failing' || name === 'starting';
}

function failureIn(decisions: readonly Decision[]): Failure | null {
  for (const decision of decisions) {
    if (decision.type === 'restart' || decision.type === 'withheld') return decision.failure;
  }
  return null;
}
