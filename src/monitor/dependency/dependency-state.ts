import { hasEndedOnPurpose } from '../../pm2/ended-on-purpose.ts';
import type { ManagedProcess } from '../../pm2/process.ts';
import { isUnfit, type State } from '../../verdict/state.ts';
import type { Verdict } from '../../verdict/verdict.ts';

/** How one dependency is. */
export interface DependencyState {
  /** `missing`: PM2 has no such app; `unknown`: nobody can tell, and nothing is held for it. */
  readonly state: 'up' | 'down' | 'unknown' | 'missing';
  /** What goes after its name in a sentence: `is down`, `is stopped in PM2`. */
  readonly word: string;
  /** One line for a person. */
  readonly detail: string;
  /** When the question was asked that this rests on; monotonic. */
  readonly askedAt: number;
}

/** One process of a dependency, and the worker's knowledge of it where it is watched. */
export interface DependencyProcess {
  readonly process: ManagedProcess;
  readonly watched?: {
    readonly verdict: Verdict;
    /** When its last probe began. */
    readonly askedAt: number;
  };
}

/** An app is up while one of its processes is. An unwatched one, or one paused by the operator, counts by PM2's status. */
export function stateOfApp(
  processes: readonly DependencyProcess[],
  listedAt: number,
): DependencyState {
  const states = processes.map((each) => stateOfProcess(each, listedAt));
  const best = states.toSorted((a, b) => RANK[a.state] - RANK[b.state] || b.askedAt - a.askedAt);
  return (
    best[0] ?? {
      state: 'missing',
      word: 'is not in PM2',
      detail: 'PM2 has no such app',
      askedAt: listedAt,
    }
  );
}

const RANK = { up: 0, unknown: 1, down: 2, missing: 3 } as const;

function stateOfProcess(
  { process, watched }: DependencyProcess,
  listedAt: number,
): DependencyState {
  const said = saidByPm2(process);
  if (said !== null) return { state: 'down', ...said, askedAt: listedAt };
  const judged = watched && judgedAs(watched.verdict.state);
  if (judged) return { ...judged, askedAt: watched.askedAt };
  if (process.status === 'launching') {
    return { state: 'down', word: 'is starting', detail: 'launching in PM2', askedAt: listedAt };
  }
  const detail =
    watched === undefined ? 'online in PM2; not watched' : 'online in PM2; not judged now';
  return { state: 'up', word: 'is up', detail, askedAt: listedAt };
}

/** Null for a process that runs. */
function saidByPm2(process: ManagedProcess): Pick<DependencyState, 'word' | 'detail'> | null {
  const { status, pid } = process;
  const detail = `${status} in PM2`;
  switch (status) {
    case 'online':
    case 'launching':
      return pid > 0 ? null : { word: 'is down', detail: `${detail}, without a process` };
    case 'stopped':
      return { word: 'is stopped in PM2', detail };
    case 'errored':
      return { word: 'is down', detail };
    case 'waiting restart':
      // Without a pid there is no timer: PM2 will not start it.
      if (pid > 0) return { word: 'is starting', detail };
      return { word: hasEndedOnPurpose(process) ? 'is stopped in PM2' : 'is down', detail };
    case 'stopping':
    case 'one-launch-status':
      return { word: 'is starting', detail };
  }
}

/** What a verdict says; null where it says nothing, and PM2's status counts. */
function judgedAs(state: State): Pick<DependencyState, 'state' | 'word' | 'detail'> | null {
  const detail: string = state.name;
  switch (state.name) {
    case 'healthy':
      return { state: 'up', word: 'is up', detail };
    case 'starting':
      return { state: 'down', word: 'is starting', detail };
    case 'failing':
    case 'restarting':
    case 'backoff':
    case 'open':
    case 'halfOpen':
    case 'degraded':
      return { state: 'down', word: 'is down', detail };
    case 'paused':
      return state.cause === 'debugger'
        ? { state: 'down', word: 'is held by a debugger', detail: 'paused: held by a debugger' }
        : null;
    case 'unknown':
      return isUnfit(state)
        ? judgedAs(state.resume)
        : { state: 'unknown', word: 'is unknown', detail };
  }
}
