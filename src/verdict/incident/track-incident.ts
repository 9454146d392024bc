import type { Decision } from '../decision.ts';
import { isHeldByDependency } from '../dependency/dependency.ts';
import type { Event } from '../event.ts';
import { isLost } from '../pm2-fault/lost.ts';
import type { Policy } from '../policy.ts';
import type { Transition } from '../transition.ts';
import { isCalm, type Verdict } from '../verdict.ts';
import { findFlapping, followFlapping, type IncidentStep } from './flapping-incident.ts';
import { findUnstable, findUnstableSince, followUnstable } from './unstable-incident.ts';
import type { Incident } from './incident.ts';
import { endOf, isStartOverdue, isTrouble, openingOf } from './open-and-end.ts';
import { reportChange } from './report-change.ts';

/** Adds to a transition what is reported: the change of state, and the incident that opens or ends. */
export function trackIncident(
  before: Verdict,
  next: Transition,
  event: Event,
  policy: Policy,
): Transition {
  const { verdict, decisions } = next;
  if (isUneventful(before, next)) return next;
  const { incident, first, last } = followAny(before, next, event, policy);
  const after = incident === verdict.incident ? verdict : { ...verdict, incident };
  const { reported, changes } = reportChange(before, after);
  return {
    verdict: reported === after.reported ? after : { ...after, reported },
    decisions: [...first, ...decisions, ...changes, ...last.map((each) => hush(each, reported))],
  };
}

/**
 * True where the app was healthy and still is. Almost every event is like this, so nothing is allocated
 * for it.
 */
function isUneventful(before: Verdict, { verdict, decisions }: Transition): boolean {
  return verdict.state === before.state && decisions.length === 0 && isCalm(verdict);
}

function followAny(before: Verdict, next: Transition, event: Event, policy: Policy): IncidentStep {
  const { incident } = next.verdict;
  if (incident === null) return followIncident(before, next, event, policy);
  const unstable = findUnstableSince(incident, next.verdict, event);
  if (unstable !== null) {
    return openIncident(unstable, { type: 'incidentResolved', incident, end: 'worse' });
  }
  if (incident.cause === 'flapping') return followFlapping(before, next, policy);
  return incident.cause === 'unstable'
    ? followUnstable(before, next, policy)
    : followIncident(before, next, event, policy);
}

/** Opens, continues or ends the incident, and reports it. At most one is open at a time. */
function followIncident(
  before: Verdict,
  next: Transition,
  event: Event,
  policy: Policy,
): IncidentStep {
  const { verdict, decisions } = next;
  if (verdict.incident !== null) {
    const step = continueIncident(before, next, verdict.incident, event);
    return isLost(verdict.state) ? followLoss(step, openingOf(before, next, policy)) : step;
  }
  if (isHeldByDependency(verdict)) return keepIncident(null);
  const isWithheld = decisions.some(({ type }) => type === 'withheld');
  if (isTrouble(verdict.state) || isStartOverdue(verdict, policy) || isWithheld) {
    return openIncident(openingOf(before, next, policy));
  }
  const lasting = findLasting(verdict);
  return lasting === null ? keepIncident(null) : openIncident(lasting);
}

/** Counts the restarts of an open incident, and ends it where the new state ends it. */
function continueIncident(
  before: Verdict,
  { verdict, decisions }: Transition,
  open: Incident,
  event: Event,
): IncidentStep {
  const issued = decisions.filter(({ type }) => type === 'restart').length;
  const restarts = isRefunded(before, event) ? -1 : issued;
  const incident =
    restarts === 0 ? open : { ...open, restarts: Math.max(0, open.restarts + restarts) };
  const end = endOf(verdict.state);
  if (end === null) return keepIncident(incident);
  const resolved: Decision = { type: 'incidentResolved', incident, end };
  const isWell = end === 'recovered' && !isHeldByDependency(verdict);
  const lasting = isWell ? findLasting(verdict) : null;
  return lasting === null
    ? { incident: null, first: [], last: [resolved] }
    : openIncident(lasting, resolved);
}

/** What is wrong with an app although it may be well now. */
function findLasting(verdict: Verdict): Incident | null {
  return findFlapping(verdict) ?? findUnstable(verdict);
}

/** An app that PM2 lost is worse than any other failure, and has an incident of its own. */
function followLoss(step: IncidentStep, loss: Incident): IncidentStep {
  const { incident } = step;
  if (incident === null || incident.cause === 'lost') return step;
  return openIncident(loss, { type: 'incidentResolved', incident, end: 'worse' });
}

/** True where the pending restart was never issued. */
function isRefunded({ pending }: Verdict, event: Event): boolean {
  if (event.type !== 'acted' || pending === null) return false;
  return event.result === 'skipped' || event.result === 'stuck';
}

function keepIncident(incident: Incident | null): IncidentStep {
  return { incident, first: [], last: [] };
}

function openIncident(incident: Incident, ...before: readonly Decision[]): IncidentStep {
  return { incident, first: [], last: [...before, { type: 'incidentOpened', incident }] };
}

/** An incident's end is not logged where the change of state is not. */
function hush(decision: Decision, { isBehind }: Verdict['reported']): Decision {
  return isBehind && decision.type === 'incidentResolved'
    ? { ...decision, isHushed: true }
    : decision;
}
