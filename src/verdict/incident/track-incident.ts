import type { Decision } from '../decision.ts';
import type { Event } from '../event.ts';
import { flappingIn, followFlapping, type Followed } from './flapping-incident.ts';
import { hushed } from './report-change.ts';
import type { Incident } from './incident.ts';
import type { Move } from '../transition.ts';
import type { Policy } from '../policy.ts';
import type { Verdict } from '../verdict.ts';
import { endOf, isStartOverdue, isTrouble, openingOf } from './open-and-end.ts';

/** Adds to a move what is to be told of it: the transition, and incidents that begin or end. */
export function trackIncident(before: Verdict, move: Move, event: Event, policy: Policy): Move {
  const { verdict, decisions } = move;
  if (isUneventful(before, move)) return move;
  const isTakenBack =
    event.type === 'acted' &&
    (event.result === 'skipped' || event.result === 'stuck') &&
    before.pending !== null;
  const { incident, first, last } =
    verdict.incident?.cause === 'flapping'
      ? followFlapping(before, move, policy)
      : follow(before, move, policy, isTakenBack);
  const after = incident === verdict.incident ? verdict : { ...verdict, incident };
  const { told, spoken } = hushed(before, after);
  return {
    verdict: told === after.told ? after : { ...after, told },
    decisions: [...first, ...decisions, ...spoken, ...last.map((each) => withHush(each, told))],
  };
}

/** The end of an incident whose change of state is not told is not told either. */
function withHush(decision: Decision, { isBehind }: Verdict['told']): Decision {
  return isBehind && decision.type === 'incidentResolved'
    ? { ...decision, isHushed: true }
    : decision;
}

/** What nearly every event of nearly every app is: it is well, was well, and nothing is made for it. */
function isUneventful(before: Verdict, { verdict, decisions }: Move): boolean {
  const { state, incident, flap, told } = verdict;
  const isSame = state === before.state && decisions.length === 0 && !told.isBehind;
  return isSame && state.name === 'healthy' && incident === null && flap === null;
}

/** Opens, continues or resolves the incident, and tells so; at most one is open at a time. */
function follow(before: Verdict, move: Move, policy: Policy, isTakenBack: boolean): Followed {
  const { verdict, decisions } = move;
  const asked = decisions.filter(({ type }) => type === 'restart').length;
  const restarts = isTakenBack ? -1 : asked;
  if (verdict.incident !== null) {
    const { restarts: known } = verdict.incident;
    const incident = { ...verdict.incident, restarts: Math.max(0, known + restarts) };
    const end = endOf(verdict.state);
    if (end === null) return ongoing(restarts === 0 ? verdict.incident : incident);
    const resolved: Decision = { type: 'incidentResolved', incident, end };
    const next = end === 'recovered' ? flappingIn(verdict) : null;
    return next === null ? over(resolved) : begun(next, resolved);
  }
  const isWithheld = decisions.some(({ type }) => type === 'withheld');
  if (isTrouble(verdict.state) || isStartOverdue(verdict, policy) || isWithheld) {
    return begun(openingOf(before, move, policy));
  }
  const flapping = flappingIn(verdict);
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
