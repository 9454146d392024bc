import type { Event } from '../event.ts';
import type { Policy } from '../policy.ts';
import type { Transition } from '../transition.ts';
import type { Verdict } from '../verdict.ts';
import type { Incident } from './incident.ts';
import { followLasting, type IncidentStep } from './flapping-incident.ts';
import {
  CALM_MS,
  countRestart,
  describeRestarts,
  dropQuiet,
  isUnstable,
  lastRestartAt,
} from './unstable.ts';

/** Counts a restart of PM2's. What somebody stopped, and what PM2 gave up, begins a new count. */
export function countForUnstable(next: Transition, event: Event): Transition {
  const { verdict, decisions } = next;
  const { restartRun: before, state, process, at } = verdict;
  if (before === null && event.type !== 'restarted') return next;
  const isOver =
    process.status === 'errored' ||
    (state.name === 'paused' && state.cause !== 'operator' && state.cause !== 'debugger');
  const counted =
    event.type === 'restarted' ? countRestart(before, event, at) : dropQuiet(before, at);
  const restartRun = isOver ? null : counted;
  return restartRun === before ? next : { decisions, verdict: { ...verdict, restartRun } };
}

/** The incident that begins where PM2 restarts an app again and again; null where it does not. */
export function findUnstable({ restartRun: run, at, state }: Verdict): Incident | null {
  if (state.name === 'paused' || !isUnstable(run, at)) return null;
  return {
    openedAt: run.from,
    detectedAt: at,
    cause: 'unstable',
    detail: describeRestarts(run),
    restarts: 0,
  };
}

/** Goes on with such an incident: over after ten minutes without a restart, or in favour of a graver one. */
export function followUnstable(before: Verdict, next: Transition, policy: Policy): IncidentStep {
  const { restartRun: run, since, at } = next.verdict;
  const steadySince = run === null ? since : Math.max(since, lastRestartAt(run));
  // Of an incident that an earlier monitor opened, the restarts may not be known any more.
  const isCalm = run === null || at - lastRestartAt(run) >= CALM_MS;
  return followLasting(before, next, policy, { steadySince, isCalm });
}
