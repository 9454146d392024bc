/**
 * Who or what began a new incarnation of an app: it `crash`ed, or ended by itself (`exit`), and PM2 started it
 * again; PM2's `watch`, its `memory` limit or its `cron`; a command through PM2 (`operator`); a restart of
 * ours (`us`). Of `unknown` PM2 does not say who it was, and `unseen` nobody listened to.
 */
export type RestartCause =
  | 'crash'
  | 'exit'
  | 'watch'
  | 'memory'
  | 'cron'
  | 'operator'
  | 'us'
  | 'unknown'
  | 'unseen';

/** Restarts of an app that PM2 carried out, as the verdict hears of them. */
export interface Restarted {
  readonly cause: RestartCause;
  /** For a person: what happened, and the app's last error line. */
  readonly detail: string;
  /** How many restarts this stands for; more than 1 only where they were not seen one by one. */
  readonly count: number;
}

/** An app is unstable when PM2 restarts it this often within this time (DESIGN §11). */
export const UNSTABLE_RESTARTS = 5;
export const UNSTABLE_MS = 600_000;

/** The same time without a restart ends it. */
export const CALM_MS = UNSTABLE_MS;

/** PM2 itself gives up an app that keeps ending within a second, in 16 s by default: that is another incident. */
const PM2_GIVES_UP_MS = 20_000;

/**
 * PM2's watch restarts an app whenever a person saves a file, and its cron at the times that a person wrote. That is
 * wanted. Nobody wants it this often within this time: the app writes into its own watched folder, or a field of the
 * pattern means seconds.
 */
const WANTED_RESTARTS = 10;
const WANTED_MS = 60_000;

/** PM2's restarts of one app in a row, less than ten minutes apart; of fixed size. Times are monotonic. */
export interface RestartRun {
  /** When the first of them was. */
  readonly from: number;
  readonly count: number;
  /** When the last five were, the oldest first. */
  readonly recent: readonly number[];
  readonly causes: Readonly<Partial<Record<RestartCause, number>>>;
  /** What is known of the last one. */
  readonly last: string;
  /** When the last ten by PM2's watch or cron were, counted or not; absent where there was none. */
  readonly wanted?: readonly number[];
}

/**
 * The run with what PM2 restarted now. A restart by a command or by us is none of its own; one by PM2's watch
 * or cron only where no person can want it so often.
 */
export function countRestart(
  before: RestartRun | null,
  restarted: Restarted,
  at: number,
): RestartRun | null {
  const run = dropQuiet(before, at);
  const { cause } = restarted;
  if (cause === 'us' || cause === 'operator') return run;
  const isWanted = cause === 'watch' || cause === 'cron';
  return isWanted ? countWanted(run, restarted, at) : count(run, restarted, at);
}

function countWanted(run: RestartRun | null, restarted: Restarted, at: number): RestartRun {
  const wanted = [...(run?.wanted ?? []), at].slice(-WANTED_RESTARTS);
  const isLoop = wanted.length === WANTED_RESTARTS && at - (wanted[0] ?? at) <= WANTED_MS;
  if (isLoop) return { ...count(run, restarted, at), wanted };
  return { ...(run ?? { ...NONE, last: restarted.detail }), from: fromOf(run) ?? at, wanted };
}

/** A run in which nothing is counted yet. */
const NONE = { count: 0, recent: [], causes: {} } as const;

/** When the first counted restart was; null where none was. */
function fromOf(run: RestartRun | null): number | null {
  return run === null || run.count === 0 ? null : run.from;
}

function count(
  run: RestartRun | null,
  { cause, detail, count: more }: Restarted,
  at: number,
): RestartRun {
  // When those were that nobody saw is not known: of them the last one counts.
  const inTime = cause === 'unseen' ? 1 : Math.min(more, UNSTABLE_RESTARTS);
  const times = Array.from({ length: inTime }, () => at);
  return {
    ...run,
    from: fromOf(run) ?? at,
    count: (run?.count ?? 0) + more,
    recent: [...(run?.recent ?? []), ...times].slice(-UNSTABLE_RESTARTS),
    causes: { ...run?.causes, [cause]: (run?.causes[cause] ?? 0) + more },
    last: detail,
  };
}

/** The run; null after ten minutes without a restart. */
export function dropQuiet(run: RestartRun | null, at: number): RestartRun | null {
  return run !== null && at - lastRestartAt(run) >= CALM_MS ? null : run;
}

/** When PM2 last restarted the app in this run. */
export function lastRestartAt({ recent, from }: RestartRun): number {
  return recent.at(-1) ?? from;
}

/** True where PM2 restarts the app so often that each of it is not reported any more. */
export function isRestless(run: RestartRun | null, at: number): boolean {
  const first = run !== null && run.recent.length >= UNSTABLE_RESTARTS ? run.recent[0] : undefined;
  return first !== undefined && at - first <= UNSTABLE_MS;
}

/** True where the app is unstable, and PM2 will not give it up for this. */
export function isUnstable(run: RestartRun | null, at: number): run is RestartRun {
  return run !== null && isRestless(run, at) && at - run.from >= PM2_GIVES_UP_MS;
}

/** How often PM2 restarted an app and why, for a person. */
export function describeRestarts({ from, count, recent, causes, last }: RestartRun): string {
  const seconds = Math.max(1, Math.round(((recent.at(-1) ?? from) - from) / 1_000));
  const time = seconds < 120 ? `${seconds} s` : `${Math.round(seconds / 60)} min`;
  const kinds = Object.entries(causes);
  const split =
    kinds.length < 2
      ? ''
      : ` (${kinds.map(([cause, many]) => `${many} ${WORDS[cause] ?? cause}`).join(', ')})`;
  return `PM2 restarted it ${count === 1 ? 'once' : `${count} times`} in ${time}${split}; last: ${last}`;
}

const WORDS: Readonly<Record<string, string>> = {
  crash: 'after a crash',
  exit: 'after it ended by itself',
  watch: 'by watch',
  memory: 'by memory limit',
  cron: 'by cron',
  operator: 'by command',
  unknown: 'for an unknown reason',
  unseen: 'not observed',
};
