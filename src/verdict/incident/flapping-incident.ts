import type { Decision } from '../decision.ts';
import type { Event } from '../event.ts';
import { lastChangeAt, countAnswer, describeFlapping, QUIET_MS } from './flapping.ts';
import type { Incident } from './incident.ts';
import type { Transition } from '../transition.ts';
import type { Policy } from '../policy.ts';
import { isHeld } from '../state.ts';
import { isStale } from '../on-sample.ts';
import type { Verdict } from '../verdict.ts';
import { endOf, isStartOverdue, isTrouble, openingOf } from './open-and-end.ts';

/** An app that stays bad for this long without a change does not flap any more. */
const STEADY_MS = 60_000;

/** What an incident becomes, and what is reported of it before and after everything else. */
export interface IncidentStep {
  readonly incident: Incident | null;
  readonly first: readonly Decision[];
  readonly last: readonly Decision[];
}

/** Counts an answer, unless it is one that says nothing of how steady the app is. */
export function countForFlapping(before: Verdict, next: Transition, event: Event): Transition {
  const { verdict, decisions } = next;
  const { flap } = verdict;
  if (event.type !== 'sample') return next;
  // A hang that is restarted is no flapping, whatever came before it.
  if (decisions.some(({ type }) => type === 'restart')) {
    return flap === null ? next : { decisions, verdict: { ...verdict, flap: null } };
  }
  const { sample, incarnation } = event;
  if (sample.kind === 'unknown' || (flap === null && sample.kind === 'ok')) return next;
  const isJudged = 'blind' in before.state || !isHeld(before.state);
  const isStart = sample.kind === 'fail' && !before.process.hasAnswered;
  if (!isJudged || isStart || isStale(before, event)) return next;
  return {
    decisions,
    verdict: { ...verdict, flap: countAnswer(flap, sample, incarnation, verdict.at) },
  };
}

/** The incident that begins where an app was found to flap; null where it does not. */
export function findFlapping({ flap, at, process }: Verdict): Incident | null {
  if (flap === null || flap.incarnation !== process.incarnation) return null;
  const detail = describeFlapping(flap, at);
  if (detail === null) return null;
  const openedAt = flap.changes[0] ?? flap.from;
  return { openedAt, detectedAt: at, cause: 'flapping', detail, restarts: 0 };
}

/** Goes on with an incident of flapping: over after quiet, or in favour of a graver one. */
export function followFlapping(before: Verdict, next: Transition, policy: Policy): IncidentStep {
  const { verdict, decisions } = next;
  const { incident } = verdict;
  if (incident === null) return { incident, first: [], last: [] };
  const end = endOf(verdict.state);
  const isQuiet = end === 'recovered' && verdict.at - verdict.since >= QUIET_MS;
  if (end !== null && (end !== 'recovered' || isQuiet)) {
    return { incident: null, first: [], last: [{ type: 'incidentResolved', incident, end }] };
  }
  if (!isWorse(verdict, decisions, policy)) return { incident, first: [], last: [] };
  const graver = openingOf(before, next, policy);
  // Before the restart that it costs, so that this is laid to it.
  const first: readonly Decision[] = [
    { type: 'incidentResolved', incident, end: 'worse' },
    { type: 'incidentOpened', incident: graver },
  ];
  return { incident: graver, first, last: [] };
}

/** Restarted, given up by PM2, or bad for too long to be flapping. */
function isWorse(verdict: Verdict, decisions: readonly Decision[], policy: Policy): boolean {
  const { state, process, flap, at, since } = verdict;
  if (decisions.some(({ type }) => type === 'restart')) return true;
  if (state.name === 'open' && process.status === 'errored') return true;
  const steadySince = flap === null ? since : lastChangeAt(flap);
  return (isTrouble(state) || isStartOverdue(verdict, policy)) && at - steadySince >= STEADY_MS;
}
