import { freshBackoff, type Backoff } from './backoff.ts';
import type { Budget } from './budget.ts';
import type { IncarnationId, ProcessStatus } from './event.ts';
import type { Flap } from './incident/flapping.ts';
import type { Incident } from './incident/incident.ts';
import type { Failure, Streak } from './streak.ts';

/** Why nobody judges the app: PM2 does not run it, or someone asked us to look away. */
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
  | { readonly name: 'healthy'; readonly incarnation: IncarnationId }
  | {
      readonly name: 'failing';
      readonly incarnation: IncarnationId;
      readonly streak: Streak;
      readonly failure: Failure;
    }
  /** A restart of ours is in flight. */
  | { readonly name: 'restarting'; readonly ended: IncarnationId | null; readonly deadline: number }
  /** A restart is due, but not before `until`. */
  | {
      readonly name: 'backoff';
      readonly incarnation: IncarnationId;
      readonly until: number;
      /** Held with all others until then: no answer to a question from before counts. */
      readonly heldUntil?: number;
      readonly streak: Streak;
      readonly failure: Failure;
    }
  /** Restarts do not help: none before `until`. No incarnation: PM2 itself gave the app up. */
  | {
      readonly name: 'open';
      readonly incarnation: IncarnationId | null;
      readonly until: number;
      readonly streak: Streak;
      readonly failure: Failure | null;
    }
  /** The one trial after a cooldown. */
  | { readonly name: 'halfOpen'; readonly trial: Trial }
  /** Not well, and a restart cannot mend it. */
  | {
      readonly name: 'degraded';
      readonly incarnation: IncarnationId;
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
  /** The checker is unfit to judge; `settled` is when it may judge again. */
  | {
      readonly name: 'unknown';
      readonly unfit: string;
      readonly settled: number;
      readonly resume: JudgedState;
    }
  /** The check itself tells nothing, and the app is asked on; nothing is known since `from`. */
  | {
      readonly name: 'unknown';
      /** What it says instead of an answer, for a person to read. */
      readonly blind: string;
      readonly from: number;
      readonly resume: JudgedState;
    };

/** The two halves of a trial: the restart in flight, then the new life that must answer. */
export type Trial =
  | {
      readonly stage: 'restarting';
      readonly ended: IncarnationId | null;
      readonly deadline: number;
    }
  | {
      readonly stage: 'starting';
      readonly incarnation: IncarnationId;
      readonly deadline: number;
      readonly streak: Streak;
    };

export type StateName = State['name'];

/** A state that a spell of unfitness interrupts and gives back. */
export type JudgedState = Exclude<State, { name: 'unknown' } | { name: 'paused' }>;

/** What outlives states and incarnations: how often we restarted, and what came of it. */
export interface Memory {
  readonly budget: Budget;
  readonly backoff: Backoff;
  /** Restarts of ours since the app last answered well; two in a row are ineffective. */
  readonly restartsSinceOk: number;
  /** The cooldown the next opening gets. Null: the policy's first one. */
  readonly cooldownMs: number | null;
  /** The breaker: no restart before this time, and then one trial. Null: closed. */
  readonly openUntil: number | null;
}

/** A restart that was asked for and of which nothing was heard yet. */
export interface Pending {
  /** When it was charged to the budget. */
  readonly at: number;
  /** The backoff as it was before. */
  readonly backoff: Backoff;
  /** Whether it ends a left-over. */
  readonly isReap: boolean;
}

/** A restart that is due and could not be issued. */
export interface Skipped {
  readonly why: string;
  /** How often in a row, for whatever reason. */
  readonly times: number;
}

/** The samples that told nothing, at the end of what was seen. */
export interface Unanswered {
  readonly life: IncarnationId;
  /** How many of them count. */
  readonly samples: number;
  /** When the first one was asked. */
  readonly began: number;
  /** Since when nothing is known of the app. */
  readonly from: number;
}

/** What was told last of what goes back and forth; times are monotonic. */
export interface Told {
  readonly flappingAt: number;
  readonly unknownAt: number;
  /** Whether the blindness of now, or the last one, was told. */
  readonly isUnknown: boolean;
  /** When it last went from one calm state to another, the oldest first; a few at most. */
  readonly swings: readonly number[];
  /** When the last of these was told, and whether there was one since that was not. */
  readonly swungAt: number;
  readonly isBehind: boolean;
}

/** Nothing was told yet. */
export const NOTHING_TOLD: Told = {
  flappingAt: Number.NEGATIVE_INFINITY,
  unknownAt: Number.NEGATIVE_INFINITY,
  isUnknown: false,
  swings: [],
  swungAt: Number.NEGATIVE_INFINITY,
  isBehind: false,
};

/** The whole state of one target's verdict. Immutable; plain data. */
export interface Verdict {
  readonly at: number;
  readonly since: number;
  readonly state: State;
  readonly process: {
    readonly status: ProcessStatus;
    readonly incarnation: IncarnationId | null;
    /** Monotonic time at which this life began, as far as known. */
    readonly bornAt: number;
    /** Whether this life has ever answered well. */
    readonly hasAnswered: boolean;
  };
  readonly memory: Memory;
  readonly pending: Pending | null;
  /** What keeps the restarts of this life from being issued; null where nothing is known to. */
  readonly skipped: Skipped | null;
  /** When left-overs were ended, within the budget's window. */
  readonly reaps: readonly number[];
  readonly incident: Incident | null;
  /** Null where the last sample told something. */
  readonly unanswered: Unanswered | null;
  /** What is counted of an app that was bad of late; null while all is well. */
  readonly flap: Flap | null;
  readonly told: Told;
}

/** A memory of nothing; `seed` decides the jitter. */
export function freshMemory(seed: number): Memory {
  return {
    budget: [],
    backoff: freshBackoff(seed),
    restartsSinceOk: 0,
    cooldownMs: null,
    openUntil: null,
  };
}

/** What an earlier monitor knew of the process and its incident, if that has not changed since. */
export interface RestoredFacts {
  /** The incident that was open. */
  readonly incident: Incident | null;
  /** The life that had answered well: it needs no time to start any more. */
  readonly answered: IncarnationId | null;
}

/** The state of a target that was just taken on and of whose process nothing is known yet. */
export function initialVerdict(
  at: number,
  memory: Memory,
  { incident, answered }: RestoredFacts = { incident: null, answered: null },
): Verdict {
  return {
    at,
    since: at,
    state: { name: 'paused', cause: 'stopped', until: Number.POSITIVE_INFINITY },
    process: {
      status: 'gone',
      incarnation: answered,
      bornAt: at,
      hasAnswered: answered !== null,
    },
    memory,
    pending: null,
    skipped: null,
    reaps: [],
    incident,
    unanswered: null,
    flap: null,
    told: NOTHING_TOLD,
  };
}
