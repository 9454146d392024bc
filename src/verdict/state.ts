import type { IncarnationId } from './process.ts';
import type { Failure, Streak } from './streak.ts';

/** Why nobody judges the app: PM2 does not run it, or someone suspended monitoring. */
export type PauseCause = 'stopped' | 'deleted' | 'operator' | 'debugger';

/** Where the state machine stands; every member carries only its own data (DESIGN §4). */
export type State =
  /** No answer yet. Without an incarnation PM2 is at work, and we wait for what it does. */
  | {
      readonly name: 'starting';
      readonly incarnation: IncarnationId | null;
      readonly deadline: number;
      readonly streak: Streak;
      readonly failure: Failure | null;
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
      /** Held with all others until then: no answer to a question from before counts. */
      readonly heldUntil?: number;
      readonly streak: Streak;
      readonly failure: Failure;
    }
  /** Restarts do not help: none before `until`. */
  | {
      readonly name: 'open';
      readonly until: number;
      readonly streak: Streak;
      readonly failure: Failure | null;
    }
  /** The one trial after a cooldown. */
  | { readonly name: 'halfOpen'; readonly trial: Trial }
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
      /** Who holds it, for a person to read. */
      readonly by: string;
    }
  /** The monitor is unfit to judge; `settled` is when it may judge again. */
  | {
      readonly name: 'unknown';
      readonly unfit: string;
      readonly settled: number;
      readonly resume: JudgedState;
    }
  /** The check itself gives no result, and probing goes on; nothing is known since `from`. */
  | {
      readonly name: 'unknown';
      /** What it says instead of an answer, for a person to read. */
      readonly blind: string;
      readonly from: number;
      readonly resume: JudgedState;
    };

/** The two halves of a trial: the restart in flight, then the new incarnation that must answer. */
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

/** A state that `unknown` interrupts and gives back. */
export type JudgedState = Exclude<State, { name: 'unknown' } | { name: 'paused' }>;

/** The state in which the check itself gives no result. */
export type BlindState = Extract<State, { readonly blind: string }>;

/** True while the check itself gives no result; an unfit monitor is another matter. */
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

/** True where samples are not judged: a restart is in flight, or nobody may judge. */
export function isHeld(state: State): boolean {
  return isRestarting(state) || state.name === 'paused' || state.name === 'unknown';
}
