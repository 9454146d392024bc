import { freshBackoff, type Backoff } from './backoff.ts';
import { NO_HOLD, type DependencyView } from './dependency/dependency.ts';
import type { Budget } from './budget.ts';
import type { Flap } from './incident/flapping.ts';
import type { Incident } from './incident/incident.ts';
import type { RestartRun } from './incident/unstable.ts';
import type { IncarnationId, ProcessView } from './process.ts';
import type { State } from './state.ts';

/** What is kept across states and incarnations: our restarts, and what they achieved. */
export interface Memory {
  readonly budget: Budget;
  readonly backoff: Backoff;
  /** Our restarts since the app last answered well; after two the breaker opens. */
  readonly restartsSinceOk: number;
  /** The next cooldown of the breaker; null: the policy's first one. */
  readonly cooldownMs: number | null;
  /** The breaker: no restart before this time, then one trial; null: closed. */
  readonly openUntil: number | null;
  /** A deep check found the app broken, and no deep check has found it well since (DESIGN §11). */
  readonly needsDeep: boolean;
}

/** A restart that was decided and has not ended yet. */
export interface Pending {
  /** When it was charged to the budget. */
  readonly at: number;
  /** The backoff before it. */
  readonly backoff: Backoff;
  /** Whether it stops an orphan. */
  readonly endsOrphan: boolean;
}

/** A restart that is due and could not be issued. */
interface Skipped {
  readonly reason: string;
  /** How often in a row it was skipped, for any reason. */
  readonly times: number;
}

/** The unknown samples in a row, up to the newest. */
export interface Unanswered {
  readonly incarnation: IncarnationId;
  /** How many of them count. */
  readonly samples: number;
  /** When the first of their probes began. */
  readonly began: number;
  /** Since when nothing is known about the app. */
  readonly from: number;
}

/** Restarts wait for the end of a deploy (DESIGN §11). Times are monotonic milliseconds. */
export interface DeployHold {
  readonly since: number;
  /** From then on they are issued all the same: an installer may hang. Infinity where none can work. */
  readonly until: number;
  /** As in `DeployEvidence`, from the newest look. */
  readonly reason: string;
}

/** The last reports of changes that go back and forth; times are monotonic milliseconds. */
export interface Reported {
  readonly flappingAt: number;
  readonly unstableAt: number;
  readonly unknownAt: number;
  /** Whether the present blindness, or the last one, was reported. */
  readonly isUnknown: boolean;
  /** When it last changed from one calm state to another, oldest first; a few at most. */
  readonly swings: readonly number[];
  /** When such a change was last reported, and whether one came since then that was not. */
  readonly swungAt: number;
  readonly isBehind: boolean;
  /** When it was last reported that a dependency holds the app, or no longer does. */
  readonly heldAt: number;
}

/** Nothing was reported yet. */
const NOTHING_REPORTED: Reported = {
  flappingAt: Number.NEGATIVE_INFINITY,
  unstableAt: Number.NEGATIVE_INFINITY,
  unknownAt: Number.NEGATIVE_INFINITY,
  isUnknown: false,
  swings: [],
  swungAt: Number.NEGATIVE_INFINITY,
  isBehind: false,
  heldAt: Number.NEGATIVE_INFINITY,
};

/** Everything the verdict knows about one target. Immutable, plain data. */
export interface Verdict {
  readonly at: number;
  readonly since: number;
  readonly state: State;
  readonly process: ProcessView;
  readonly memory: Memory;
  readonly pending: Pending | null;
  /** Why a restart of this incarnation could not be issued; null where nothing is known to prevent it. */
  readonly skipped: Skipped | null;
  /** Null while nothing holds restarts; after `until` it is kept as long as its reason lasts. */
  readonly deployHold: DeployHold | null;
  /** When orphans were stopped, within the budget's window. */
  readonly orphansEnded: readonly number[];
  readonly incident: Incident | null;
  readonly dependency: DependencyView;
  /** Null unless the last sample was unknown. */
  readonly unanswered: Unanswered | null;
  /** The recent answers of an app that was bad lately; null while all is well. */
  readonly flap: Flap | null;
  /** PM2's restarts of the last ten minutes and before; null after ten minutes without one. */
  readonly restartRun: RestartRun | null;
  readonly reported: Reported;
}

/** True where the app is well, nothing is open or counted, and nothing is left to be reported. */
export function isCalm({ state, incident, flap, restartRun, reported }: Verdict): boolean {
  const isWell = state.name === 'healthy' && incident === null;
  return isWell && flap === null && restartRun === null && !reported.isBehind;
}

/** An empty memory; `seed` determines the jitter. */
export function freshMemory(seed: number): Memory {
  return {
    budget: [],
    backoff: freshBackoff(seed),
    restartsSinceOk: 0,
    cooldownMs: null,
    openUntil: null,
    needsDeep: false,
  };
}

/** What an earlier monitor knew of the process and its incident, if both are still the same. */
export interface RestoredFacts {
  /** The incident that was open. */
  readonly incident: Incident | null;
  /** The incarnation that had answered well: it needs no more startup time. */
  readonly answered: IncarnationId | null;
  /** The restarts by PM2 that it counted. */
  readonly restartRun?: RestartRun | null;
}

/** The verdict of a new target, before anything is known of its process. */
export function initialVerdict(
  at: number,
  memory: Memory,
  { incident, answered, restartRun = null }: RestoredFacts = { incident: null, answered: null },
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
    deployHold: null,
    orphansEnded: [],
    incident,
    dependency: NO_HOLD,
    unanswered: null,
    flap: null,
    restartRun,
    reported: NOTHING_REPORTED,
  };
}
