import type { IncarnationId } from './process.ts';
import type { OwnStart } from './start/own-start.ts';
import type { Failure, Streak } from './streak.ts';

/** Why the app is not judged: PM2 does not run it, or someone paused it. */
export type PauseCause = 'stopped' | 'deleted' | 'unwatched' | 'operator' | 'debugger';

/**
 * The state of a verdict; each member has only its own data (DESIGN §4). Times are monotonic
 * milliseconds.
 */
export type State =
  /** No answer yet. Without an incarnation PM2 is still at work, and we wait. */
  | {
      readonly name: 'starting';
      readonly incarnation: IncarnationId | null;
      readonly deadline: number;
      readonly streak: Streak;
      readonly failure: Failure | null;
      /** A start of the app's own, by a process that is not PM2's; absent for a start by PM2. */
      readonly own?: OwnStart;
    }
  | { readonly name: 'healthy' }
  | {
      readonly name: 'failing';
      readonly streak: Streak;
      readonly failure: Failure;
    }
  /** A restart of ours is in flight. */
  | { readonly name: 'restarting'; readonly ended: IncarnationId | null; readonly deadline: number }
  /** A restart is due, but not before `until`. */
  | {
      readonly name: 'backoff';
      readonly until: number;
      /** The end of the mass failure hold: probes that began before it do not count. */
      readonly heldUntil?: number;
      /** Only this wait delays it, so that a load balancer moves first; present until the restart (`drain.ts`). */
      readonly drainUntil?: number;
      readonly streak: Streak;
      readonly failure: Failure;
    }
  /** Restarts do not help: none before `until` (the breaker). */
  | {
      readonly name: 'open';
      readonly until: number;
      /** Why the trial does not wait for the cooldown, for a person; absent where it does. */
      readonly saved?: string;
      readonly streak: Streak;
      readonly failure: Failure | null;
    }
  /** The one trial after a cooldown. */
  | {
      readonly name: 'halfOpen';
      readonly trial: Trial;
      /** Why it came before the end of the cooldown, for a person; absent where it did not. */
      readonly saved?: string;
    }
  /** Not well, and a restart cannot fix it. */
  | {
      readonly name: 'degraded';
      readonly streak: Streak;
      readonly failure: Failure;
    }
  | {
      readonly name: 'paused';
      readonly cause: Exclude<PauseCause, 'debugger'>;
      readonly until: number;
    }
  | {
      readonly name: 'paused';
      readonly cause: 'debugger';
      readonly until: number;
      /** Who debugs it, for people. */
      readonly by: string;
    }
  /** The monitor is unfit to judge; `settled` is when it may judge again. */
  | {
      readonly name: 'unknown';
      readonly unfit: string;
      readonly settled: number;
      readonly resume: JudgedState;
    }
  /** The check itself gives no result. Probing goes on; nothing is known since `from`. */
  | {
      readonly name: 'unknown';
      /** What the check says instead of an answer, for people. */
      readonly blind: string;
      readonly from: number;
      readonly resume: JudgedState;
    };

/** The two stages of a trial: the restart in flight, then the new incarnation that must answer. */
export type Trial =
  | {
      readonly stage: 'restarting';
      readonly ended: IncarnationId | null;
      readonly deadline: number;
    }
  | {
      readonly stage: 'starting';
      readonly deadline: number;
      readonly streak: Streak;
    };

export type StateName = State['name'];

/** A state that `unknown` can interrupt, and to which it returns. */
export type JudgedState = Exclude<State, { name: 'unknown' } | { name: 'paused' }>;

/** The state in which the check itself gives no result. */
export type BlindState = Extract<State, { readonly blind: string }>;

/** True while the check itself gives no result. An unfit monitor is `isUnfit`. */
export function isBlind(state: State): state is BlindState {
  return state.name === 'unknown' && 'blind' in state;
}

/** The state in which the monitor itself cannot judge. */
export type UnfitState = Extract<State, { readonly unfit: string }>;

/** True while the monitor itself is unfit to judge, and while it settles after that. */
export function isUnfit(state: State): state is UnfitState {
  return state.name === 'unknown' && 'unfit' in state;
}

/** True while a restart of ours is in flight, a trial's too. */
export function isRestarting(state: State): boolean {
  if (state.name === 'halfOpen') return state.trial.stage === 'restarting';
  return state.name === 'restarting';
}

/** True where samples are not judged: a restart is in flight, or the app is paused. */
export function isHeld(state: State): boolean {
  return isRestarting(state) || state.name === 'paused' || state.name === 'unknown';
}
