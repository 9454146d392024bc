import type { Decision } from './event.ts';
import type { Incident, IncidentEnd } from './incident/incident.ts';
import type { Move } from './transition.ts';
import type { Policy } from './policy.ts';
import type { PauseCause, Phase, State } from './state.ts';
import type { Failure } from './streak.ts';

const ENDS: Readonly<Record<PauseCause, IncidentEnd>> = {
  stopped: 'stopped',
  deleted: 'deleted',
  operator: 'paused',
  debugger: 'debugged',
};

const GIVEN_UP = 'PM2 gave the app up after too many unstable restarts';

/** The incident that begins with a move. */
export function openingOf(before: State, { state, decisions }: Move, policy: Policy): Incident {
  const isOverdue = isStartOverdue(state, policy);
  const failure = failureOf(state.phase) ?? failureIn(decisions);
  return {
    openedAt: isFirstSign(before.phase) ? before.since : state.at,
    detectedAt: state.at,
    cause: isOverdue ? 'startup' : (failure?.class ?? 'errored'),
    detail: failure?.detail ?? (isOverdue ? 'it does not come up' : GIVEN_UP),
    restarts: decisions.filter(({ type }) => type === 'restart').length,
  };
}

/** True where life after life, or PM2 itself, has not brought the app up in its startup time. */
export function isStartOverdue({ phase, at, since }: State, { startupTimeoutMs }: Policy): boolean {
  return phase.name === 'starting' && at - since >= startupTimeoutMs;
}

/** Phases in which the verdict is sure that the target is not well. */
export function isTrouble({ name }: Phase): boolean {
  return (
    name === 'restarting' ||
    name === 'backoff' ||
    name === 'open' ||
    name === 'halfOpen' ||
    name === 'degraded'
  );
}

/** How an incident ends in a phase; null where it goes on. */
export function endOf(phase: Phase): IncidentEnd | null {
  if (phase.name === 'healthy') return 'recovered';
  return phase.name === 'paused' ? ENDS[phase.cause] : null;
}

/** The failure a phase stands on, where it has one. */
export function failureOf(phase: Phase): Failure | null {
  return 'failure' in phase ? phase.failure : null;
}

/** Phases whose beginning was the first sign of the trouble that is now proven. */
function isFirstSign({ name }: Phase): boolean {
  return name === 'failing' || name === 'starting';
}

function failureIn(decisions: readonly Decision[]): Failure | null {
  for (const decision of decisions) {
    if (decision.type === 'restart' || decision.type === 'withheld') return decision.failure;
  }
  return null;
}
