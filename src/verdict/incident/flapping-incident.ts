import type { Decision } from '../decision.ts';
import { isDependencyDown, isHeldByDependency } from '../dependency/dependency.ts';
import type { Event } from '../event.ts';
import { countAnswer, describeFlapping, flapsSince, lastChangeAt, QUIET_MS } from './flapping.ts';
import type { Incident } from './incident.ts';
import type { Transition } from '../transition.ts';
import { isLost } from '../pm2-fault/lost.ts';
import type { Policy } from '../policy.ts';
import { isHeld } from '../state.ts';
import { isStale } from '../on-sample.ts';
import type { Verdict } from '../verdict.ts';
import { endOf, isStartOverdue, isTrouble, openingOf } from './open-and-end.ts';

/** An app that stays bad for this long no longer flaps. */
const STEADY_MS = 60_000;

/** The incident after a step, and what is reported of it before and after all other decisions. */
export interface IncidentStep {
  readonly incident: Incident | null;
  readonly first: readonly Decision[];
  readonly last: readonly Decision[];
}

/** Counts an answer, unless it does not show whether the app flaps. */
export function countForFlapping(before: Verdict, next: Transition, event: Event): Transition {
  const { verdict, decisions } = next;
  const { flap } = verdict;
  if (event.type !== 'sample') return next;
  // What a dependency makes good and bad does not flap by itself.
  if (flap === null && isDependencyDown(verdict)) return next;
  // A hang that leads to a restart is not flapping.
  if (decisions.some(({ type }) => type === 'restart')) {
    return flap === null ? next : { decisions, verdict: { ...verdict, flap: null } };
  }
  const { sample, incarnation } = event;
  if (sample.kind === 'unknown' || (flap === null && sample.kind === 'ok')) return next;
  const isJudged = 'blind' in before.state || !isHeld(before.state);
  const isStart =
    sample.kind === 'fail' && (!before.process.hasAnswered || verdict.state.name === 'starting');
  if (!isJudged || isStart || isStale(before, event)) return next;
  return {
    decisions,
    verdict: { ...verdict, flap: countAnswer(flap, sample, incarnation, verdict.at) },
  };
}

/** The incident of an app that flaps; null where it does not flap. */
export function findFlapping({ flap, at, process }: Verdict): Incident | null {
  if (flap === null || flap.incarnation !== process.incarnation) return null;
  const detail = describeFlapping(flap, at);
  if (detail === null) return null;
  const openedAt = flapsSince(flap, at);
  return { openedAt, detectedAt: at, cause: 'flapping', detail, restarts: 0 };
}

/**
 * Continues an incident of flapping. It ends after a quiet time, or when a more severe incident replaces
 * it.
 */
export function followFlapping(before: Verdict, next: Transition, policy: Policy): IncidentStep {
  const { flap, at, since } = next.verdict;
  const steadySince = flap === null ? since : lastChangeAt(flap);
  return followLasting(before, next, policy, { steadySince, isCalm: at - since >= QUIET_MS });
}

/** What decides about an incident that lasts while the app is well in between. */
export interface LastingEvidence {
  /** When the app last changed. */
  readonly steadySince: number;
  /** Whether an app that is well now has been so for long enough. */
  readonly isCalm: boolean;
}

/** Continues an incident in which good answers in between are no recovery, until calm or a more severe one ends it. */
export function followLasting(
  before: Verdict,
  next: Transition,
  policy: Policy,
  { steadySince, isCalm }: LastingEvidence,
): IncidentStep {
  const { verdict, decisions } = next;
  const { incident } = verdict;
  if (incident === null) return { incident, first: [], last: [] };
  const end = endOf(verdict.state);
  if (end !== null && (end !== 'recovered' || isCalm)) {
    return { incident: null, first: [], last: [{ type: 'incidentResolved', incident, end }] };
  }
  if (isHeldByDependency(verdict) || !isWorse(verdict, decisions, policy, steadySince))
    return { incident, first: [], last: [] };
  const graver = openingOf(before, next, policy);
  // The incident opens before its restart, so that the restart counts for it.
  const first: readonly Decision[] = [
    { type: 'incidentResolved', incident, end: 'worse' },
    { type: 'incidentOpened', incident: graver },
  ];
  return { incident: graver, first, last: [] };
}

/** True where the app is restarted, PM2 gave it up, or it has been bad for too long without a change. */
function isWorse(
  verdict: Verdict,
  decisions: readonly Decision[],
  policy: Policy,
  steadySince: number,
): boolean {
  const { state, process, at } = verdict;
  if (decisions.some(({ type }) => type === 'restart')) return true;
  if (isLost(state) || (state.name === 'open' && process.status === 'errored')) return true;
  return (isTrouble(state) || isStartOverdue(verdict, policy)) && at - steadySince >= STEADY_MS;
}
