import type { Decision, Event } from '../event.ts';
import { changedAt, counted, flapsHow, QUIET_MS } from './flapping.ts';
import type { Incident } from './incident.ts';
import type { Move } from '../transition.ts';
import type { Policy } from '../policy.ts';
import { isHeld, isStale } from '../standing.ts';
import type { State } from '../state.ts';
import { endOf, isStartOverdue, isTrouble, openingOf } from '../trouble.ts';

/** So long bad without a change, and it is no flapping any more. */
const STEADY_MS = 60_000;

/** What an incident becomes, and what is told of it before and after all else. */
export interface Followed {
  readonly incident: Incident | null;
  readonly first: readonly Decision[];
  readonly last: readonly Decision[];
}

/** Counts an answer, unless it is one that says nothing of how steady the app is. */
export function withFlap(before: State, move: Move, event: Event): Move {
  const { state, decisions } = move;
  const { flap } = state;
  if (event.type !== 'sample') return move;
  // A hang that is restarted is no flapping, whatever came before it.
  if (decisions.some(({ type }) => type === 'restart')) {
    return flap === null ? move : { decisions, state: { ...state, flap: null } };
  }
  const { sample, incarnation } = event;
  if (sample.kind === 'unknown' || (flap === null && sample.kind === 'ok')) return move;
  // What a person saves while he works is his to break and to mend.
  if (sample.kind === 'fail' && sample.class === 'source') return move;
  const isJudged = 'blind' in before.phase || !isHeld(before);
  const isStart = sample.kind === 'fail' && !before.process.hasAnswered;
  if (!isJudged || isStart || isStale(before, event)) return move;
  return { decisions, state: { ...state, flap: counted(flap, sample, incarnation, state.at) } };
}

/** The incident that begins where an app was found to flap; null where it does not. */
export function flappingIn({ flap, at, process }: State): Incident | null {
  if (flap === null || flap.life !== process.incarnation) return null;
  const detail = flapsHow(flap, at);
  if (detail === null) return null;
  const openedAt = flap.changes[0] ?? flap.from;
  return { openedAt, detectedAt: at, cause: 'flapping', detail, restarts: 0 };
}

/** Goes on with an incident of flapping: over after quiet, or in favour of a graver one. */
export function followFlapping(before: State, move: Move, policy: Policy): Followed {
  const { state, decisions } = move;
  const { incident } = state;
  if (incident === null) return { incident, first: [], last: [] };
  const end = endOf(state.phase);
  const isQuiet = end === 'recovered' && state.at - state.since >= QUIET_MS;
  if (end !== null && (end !== 'recovered' || isQuiet)) {
    return { incident: null, first: [], last: [{ type: 'incidentResolved', incident, end }] };
  }
  if (!isWorse(state, decisions, policy)) return { incident, first: [], last: [] };
  const graver = openingOf(before, move, policy);
  // Before the restart that it costs, so that this is laid to it.
  const first: readonly Decision[] = [
    { type: 'incidentResolved', incident, end: 'worse' },
    { type: 'incidentOpened', incident: graver },
  ];
  return { incident: graver, first, last: [] };
}

/** Restarted, given up by PM2, or bad for so long that nothing flaps any more. */
function isWorse(state: State, decisions: readonly Decision[], policy: Policy): boolean {
  const { phase, process, flap, at, since } = state;
  if (decisions.some(({ type }) => type === 'restart')) return true;
  if (phase.name === 'open' && process.status === 'errored') return true;
  const steadySince = flap === null ? since : changedAt(flap);
  return (isTrouble(phase) || isStartOverdue(state, policy)) && at - steadySince >= STEADY_MS;
}
