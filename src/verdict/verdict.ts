import { freshBackoff, type Backoff } from './backoff.ts';
import type { Budget } from './budget.ts';
import type { Flap } from './incident/flapping.ts';
import type { Incident } from './incident/incident.ts';
import type { IncarnationId, ProcessView } from './process.ts';
import type { State } from './state.ts';

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

/** A restart that was decided and has not ended yet. */
export interface Pending {
  /** When it was charged to the budget. */
  readonly at: number;
  /** The backoff as it was before. */
  readonly backoff: Backoff;
  /** Whether it stops an orphan. */
  readonly endsOrphan: boolean;
}

/** A restart that is due and could not be issued. */
export interface Skipped {
  readonly reason: string;
  /** How often in a row, for whatever reason. */
  readonly times: number;
}

/** The unknown samples in a row, up to the newest. */
export interface Unanswered {
  readonly incarnation: IncarnationId;
  /** How many of them count. */
  readonly samples: number;
  /** When the first of their probes began. */
  readonly began: number;
  /** Since when nothing is known of the app. */
  readonly from: number;
}

/** What was reported last of what goes back and forth; times are monotonic. */
export interface Reported {
  readonly flappingAt: number;
  readonly unknownAt: number;
  /** Whether the present blindness, or the last one, was reported. */
  readonly isUnknown: boolean;
  /** When it last went from one calm state to another, the oldest first; a few at most. */
  readonly swings: readonly number[];
  /** When the last of these was reported, and whether there was one since that was not. */
  readonly swungAt: number;
  readonly isBehind: boolean;
}

/** Nothing was reported yet. */
export const NOTHING_REPORTED: Reported = {
  flappingAt: Number.NEGATIVE_INFINITY,
  unknownAt: Number.NEGATIVE_INFINITY,
  isUnknown: false,
  swings: [],
  swungAt: Number.NEGATIVE_INFINITY,
  isBehind: false,
};

/** Everything the verdict knows of one target. Immutable; plain data. */
export interface Verdict {
  readonly at: number;
  readonly since: number;
  readonly state: State;
  readonly process: ProcessView;
  readonly memory: Memory;
  readonly pending: Pending | null;
  /** What keeps the restarts of this incarnation from being issued; null where nothing is known to. */
  readonly skipped: Skipped | null;
  /** When orphans were stopped, within the budget's window. */
  readonly orphansEnded: readonly number[];
  readonly incident: Incident | null;
  /** Null unless the last sample was unknown. */
  readonly unanswered: Unanswered | null;
  /** What is counted of an app that was bad of late; null while all is well. */
  readonly flap: Flap | null;
  readonly reported: Reported;
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
  /** The incarnation that had answered well: it needs no start-up time any more. */
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
    orphansEnded: [],
    incident,
    unanswered: null,
    flap: null,
    reported: NOTHING_REPORTED,
  };
}
