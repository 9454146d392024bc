import type { State } from '../state.ts';

/** What keeps the restarts of an app back, because the app depends on it (DESIGN §11). */
export interface DependencyHold {
  /** For a person: `db is down`; several are joined by commas. */
  readonly reason: string;
  /** False while a dependency has not answered since the app began to fail: it is asked first. */
  readonly isDown: boolean;
}

/** How the dependencies of an app stand. */
export interface DependencyView {
  /** Null where none of them keeps anything back. */
  readonly hold: DependencyHold | null;
  /** Monotonic time at which the last of them went down, or came back. */
  readonly since: number;
}

/** Nothing that the app depends on is down, as far as known. */
export const NO_HOLD: DependencyView = { hold: null, since: Number.NEGATIVE_INFINITY };

/** What these questions need of a verdict. */
interface Holdable {
  readonly dependency: DependencyView;
}

/** True while restarts are kept back, and no incident is opened, because of what the app depends on. */
export function isHeldByDependency({ dependency }: Holdable): boolean {
  return dependency.hold !== null;
}

/** True while something that the app depends on is known to be down. */
export function isDependencyDown({ dependency }: Holdable): boolean {
  return dependency.hold?.isDown === true;
}

/** True of an app that has shown a sign of failure, and is judged. */
export function isIll(state: State): boolean {
  if (state.name === 'starting') return state.failure !== null;
  return state.name !== 'healthy' && state.name !== 'paused' && state.name !== 'unknown';
}
