import type { TargetView } from '../report/view.ts';
import type { State, StateName } from '../verdict/state.ts';

/** Whether requests may go to an app. */
export interface AppHealth {
  readonly isOk: boolean;
  readonly state: StateName;
  /** When the state began, monotonic milliseconds. */
  readonly since: number;
  /** Why the answer is that of an earlier time; absent where it is of now. */
  readonly note?: string;
}

/** PM2 runs a process that can answer. */
const RUNNING: ReadonlySet<string> = new Set(['online', 'launching']);

/** What is said of a target; `isReady` counts one that is degraded as bad. Pure. */
export function healthOf({ verdict, last }: TargetView, isReady: boolean): AppHealth {
  const { state, since, process, pending } = verdict;
  const known = { state: state.name, since };
  // Of several instances one has answered again, and PM2 is still to end another with the requests that it has.
  if (pending !== null) return { state: 'restarting', since, isOk: false };
  if (state.name === 'unknown') {
    const why = 'blind' in state ? 'its check gives no result' : 'the monitor cannot judge now';
    return { ...known, isOk: isUp(state.resume, isReady), note: `as last known: ${why}` };
  }
  // Nobody probes it; what PM2 has stopped does not answer.
  if (state.name === 'paused' && (state.cause === 'operator' || state.cause === 'debugger')) {
    // PM2 may have stopped or restarted it meanwhile: what another incarnation answered says nothing.
    const isSame = RUNNING.has(process.status) && process.hasAnswered;
    const isOk = isSame && last !== null && didServe(last, isReady);
    return { ...known, isOk, note: 'as last known: it is paused' };
  }
  return { ...known, isOk: isUp(state, isReady) };
}

/** Failures of an app that serves all the same: too much memory, and those that make it `degraded`. */
const SERVING: ReadonlySet<string> = new Set(['memory', 'source', 'misconfig', 'impostor']);

/** The same as in the state that the answer led to: see `isUp`. */
function didServe(last: NonNullable<TargetView['last']>, isReady: boolean): boolean {
  if (last.kind !== 'fail') return last.kind === 'ok';
  return !isReady && SERVING.has(last.class);
}

function isUp(state: State, isReady: boolean): boolean {
  const { name } = state;
  if (name === 'healthy') return true;
  if (isReady) return false;
  // One that needs too much memory answers, until a load balancer is to move away before its restart.
  if (name === 'backoff' && state.drainUntil !== undefined) return false;
  const { failure } = 'failure' in state ? state : { failure: null };
  return (
    name === 'degraded' ||
    ((name === 'failing' || name === 'backoff') && failure?.class === 'memory')
  );
}
