import type { Decision, Event } from './event.ts';
import type { Incident, IncidentEnd } from './incident.ts';
import type { Move } from './move.ts';
import type { Policy } from './policy.ts';
import type { PauseCause, Phase, State } from './state.ts';
import type { Failure } from './threshold.ts';

const ENDS: Readonly<Record<PauseCause, IncidentEnd>> = {
  stopped: 'stopped',
  deleted: 'deleted',
  operator: 'paused',
  debugger: 'debugged',
};

/** Adds to a move what is to be told of it: the transition, and incidents that begin or end. */
export function narrate(before: State, move: Move, event: Event, policy: Policy): Move {
  const { state, decisions } = move;
  const told: Decision[] = [...decisions];
  if (state.phase.name !== before.phase.name) {
    told.push({ type: 'transition', from: before.phase.name, to: state.phase.name });
  }
  const isTakenBack =
    event.type === 'acted' &&
    (event.result === 'skipped' || event.result === 'stuck') &&
    before.pending !== null;
  const incident = follow(before, move, policy, isTakenBack, told);
  return { state: incident === state.incident ? state : { ...state, incident }, decisions: told };
}

/** Opens, continues or resolves the incident, and tells so; at most one is open at a time. */
function follow(
  before: State,
  { state, decisions }: Move,
  policy: Policy,
  isTakenBack: boolean,
  told: Decision[],
): Incident | null {
  const asked = decisions.filter(({ type }) => type === 'restart').length;
  const restarts = isTakenBack ? -1 : asked;
  if (state.incident !== null) {
    const { restarts: counted } = state.incident;
    const incident = { ...state.incident, restarts: Math.max(0, counted + restarts) };
    const end = endOf(state.phase);
    if (end === null) return restarts === 0 ? state.incident : incident;
    told.push({ type: 'incidentResolved', incident, end });
    return null;
  }
  const isOverdue = isStartOverdue(state, policy);
  const isWithheld = decisions.some(({ type }) => type === 'withheld');
  if (!isTrouble(state.phase) && !isOverdue && !isWithheld) return null;
  const failure = failureOf(state.phase) ?? failureIn(decisions);
  const incident: Incident = {
    openedAt: isFirstSign(before.phase) ? before.since : state.at,
    detectedAt: state.at,
    cause: isOverdue ? 'startup' : (failure?.class ?? 'errored'),
    detail: failure?.detail ?? (isOverdue ? 'it does not come up' : GIVEN_UP),
    restarts: asked,
  };
  told.push({ type: 'incidentOpened', incident });
  return incident;
}

const GIVEN_UP = 'PM2 gave the app up after too many unstable restarts';

/** True where life after life, or PM2 itself, has not brought the app up in its startup time. */
function isStartOverdue({ phase, at, since }: State, { startupTimeoutMs }: Policy): boolean {
  return phase.name === 'starting' && at - since >= startupTimeoutMs;
}

/** Phases in which the verdict is sure that the target is not well. */
function isTrouble({ name }: Phase): boolean {
  return (
    name === 'restarting' ||
    name === 'backoff' ||
    name === 'open' ||
    name === 'halfOpen' ||
    name === 'degraded'
  );
}

/** Phases whose beginning was the first sign of the trouble that is now proven. */
function isFirstSign({ name }: Phase): boolean {
  return name === 'failing' || name === 'starting';
}

function endOf(phase: Phase): IncidentEnd | null {
  if (phase.name === 'healthy') return 'recovered';
  return phase.name === 'paused' ? ENDS[phase.cause] : null;
}

/** The failure a phase stands on, where it has one. */
export function failureOf(phase: Phase): Failure | null {
  return 'failure' in phase ? phase.failure : null;
}

function failureIn(decisions: readonly Decision[]): Failure | null {
  for (const decision of decisions) {
    if (decision.type === 'restart' || decision.type === 'withheld') return decision.failure;
  }
  return null;
}
