import type { Decision, Event } from '../event.ts';
import { flappingIn, followFlapping, type Followed } from './flapping-incident.ts';
import { hushed } from './hush.ts';
import type { Incident } from './incident.ts';
import type { Move } from '../transition.ts';
import type { Policy } from '../policy.ts';
import type { State } from '../state.ts';
import { endOf, isStartOverdue, isTrouble, openingOf } from '../trouble.ts';

/** Adds to a move what is to be told of it: the transition, and incidents that begin or end. */
export function narrate(before: State, move: Move, event: Event, policy: Policy): Move {
  const { state, decisions } = move;
  if (isUneventful(before, move)) return move;
  const isTakenBack =
    event.type === 'acted' &&
    (event.result === 'skipped' || event.result === 'stuck') &&
    before.pending !== null;
  const { incident, first, last } =
    state.incident?.cause === 'flapping'
      ? followFlapping(before, move, policy)
      : follow(before, move, policy, isTakenBack);
  const after = incident === state.incident ? state : { ...state, incident };
  const { told, spoken } = hushed(before, after);
  return {
    state: told === after.told ? after : { ...after, told },
    decisions: [...first, ...decisions, ...spoken, ...last.map((each) => withHush(each, told))],
  };
}

/** The end of an incident whose change of phase is not told is not told either. */
function withHush(decision: Decision, { isBehind }: State['told']): Decision {
  return isBehind && decision.type === 'incidentResolved'
    ? { ...decision, isHushed: true }
    : decision;
}

/** What nearly every event of nearly every app is: it is well, was well, and nothing is made for it. */
function isUneventful(before: State, { state, decisions }: Move): boolean {
  const { phase, incident, flap, told } = state;
  const isSame = phase === before.phase && decisions.length === 0 && !told.isBehind;
  return isSame && phase.name === 'healthy' && incident === null && flap === null;
}

/** Opens, continues or resolves the incident, and tells so; at most one is open at a time. */
function follow(before: State, move: Move, policy: Policy, isTakenBack: boolean): Followed {
  const { state, decisions } = move;
  const asked = decisions.filter(({ type }) => type === 'restart').length;
  const restarts = isTakenBack ? -1 : asked;
  if (state.incident !== null) {
    const { restarts: known } = state.incident;
    const incident = { ...state.incident, restarts: Math.max(0, known + restarts) };
    const end = endOf(state.phase);
    if (end === null) return ongoing(restarts === 0 ? state.incident : incident);
    const resolved: Decision = { type: 'incidentResolved', incident, end };
    const next = end === 'recovered' ? flappingIn(state) : null;
    return next === null ? over(resolved) : begun(next, resolved);
  }
  const isWithheld = decisions.some(({ type }) => type === 'withheld');
  if (isTrouble(state.phase) || isStartOverdue(state, policy) || isWithheld) {
    return begun(openingOf(before, move, policy));
  }
  const flapping = flappingIn(state);
  return flapping === null ? ongoing(null) : begun(flapping);
}

function ongoing(incident: Incident | null): Followed {
  return { incident, first: [], last: [] };
}

function over(resolved: Decision): Followed {
  return { incident: null, first: [], last: [resolved] };
}

function begun(incident: Incident, ...before: readonly Decision[]): Followed {
  return { incident, first: [], last: [...before, { type: 'incidentOpened', incident }] };
}
