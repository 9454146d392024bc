import { isHeldByDependency } from '../dependency/dependency.ts';
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

/** Causes that a person must fix: a file is saved, and PM2's watch restarts the app. They say more. */
const FIXED_BY_HAND: ReadonlySet<Incident['cause']> = new Set(['source', 'misconfig', 'impostor']);

/**
 * The incident that takes the place of an open one, because PM2 has restarted the app again and again since that
 * was found: what was wrong before is not what is wrong now. Null where it does not.
 */
export function findUnstableSince(open: Incident, verdict: Verdict, event: Event): Incident | null {
  const isNews = event.type === 'restarted' && verdict.state.name === 'starting';
  if (!isNews || isHeldByDependency(verdict)) return null;
  if (open.cause === 'unstable' || FIXED_BY_HAND.has(open.cause)) return null;
  const first = verdict.restartRun?.recent[0];
  return first === undefined || first < open.detectedAt ? null : findUnstable(verdict);
}

/** Goes on with such an incident: over after ten minutes without a restart, or in favour of a graver one. */
export function followUnstable(before: Verdict, next: Transition, policy: Policy): IncidentStep {
  const { restartRun: run, since, at, process } = next.verdict;
  const lastAt = Math.max(since, process.bornAt, run === null ? since : lastRestartAt(run));
  // While PM2 waits to start it, it is as it was before.
  const steadySince = run !== null && process.status === 'transit' ? at : lastAt;
  // Of an incident that an earlier monitor opened, the restarts may not be known any more.
  const isCalm = run === null || at - lastRestartAt(run) >= CALM_MS;
  return followLasting(before, next, policy, { steadySince, isCalm });
}
