import type { Severity } from '../message/notice.ts';

/** What a message says about an incident in words, each one line without secrets. */
export interface IncidentWords {
  /** Short enough for a subject: `no answer (3 of 3 checks)`. */
  readonly reason: string;
  readonly detail: string;
  /** What the monitor does next; null where that is nothing. */
  readonly next: string | null;
  /** What the app was doing; null where that is not known. */
  readonly diagnosis: string | null;
}

/**
 * How much a person is needed: `person` now; `working` while the monitor's first restart may fix it; `held`
 * while restarts are held (a dependency, a deploy), where an opening is not reported.
 */
export type Urgency = 'person' | 'working' | 'held';

/** The channels an app reports to: all, or those with these names. */
export type Recipients = 'all' | readonly string[];

/** An incident that is open now. Times are wall milliseconds. */
export interface OpenIncidentFact extends IncidentWords {
  /** The app and its instance, as `appKey` gives it. */
  readonly key: string;
  readonly app: string;
  readonly instance: number;
  /** Other instances of the app are targets of their own. Absent: no. */
  readonly isOneOfMany?: boolean;
  readonly openedAt: number;
  readonly detectedAt: number;
  readonly cause: string;
  /** The restarts of ours in this incident so far. */
  readonly restarts: number;
  readonly severity: Exclude<Severity, 'info'>;
  readonly urgency: Urgency;
  readonly recipients: Recipients;
}

/** An incident that ended since the last plan. Times are wall milliseconds. */
export interface EndedIncidentFact {
  readonly key: string;
  /** As the verdict's `IncidentEnd`, but `worse`, which is no end for a person; or `unseen`. */
  readonly end: string;
  readonly endedAt: number;
  /** Null where it was not observed. */
  readonly downtimeMs: number | null;
  readonly restarts: number;
}

/** Something of ours that was done about an app, for the message of its incident. */
export interface DeedFact {
  readonly key: string;
  /** `12:03:04 restarted as pid 4711`. */
  readonly text: string;
}

/**
 * How an incident ended that the ledger has and that is not open: as the verdict's `IncidentEnd`; `gone` where
 * PM2 does not have the app; `unwatched` where PM2 has it and no block names it; `pending` where the app is there
 * and not judged yet; null where nothing is known.
 */
export type UnseenEnd = string | null;

/** All that a plan is made from. */
export interface PlanFacts {
  /** Wall milliseconds. */
  readonly now: number;
  readonly host: string;
  /** Complete: an app that is missing here has no open incident. */
  readonly open: readonly OpenIncidentFact[];
  readonly ended: readonly EndedIncidentFact[];
  readonly deeds: readonly DeedFact[];
  /** Only for apps with an incident in the ledger and none open. */
  readonly unseenEndOf: (key: string) => UnseenEnd;
}

/** What the plan knows of a channel. */
export interface Recipient {
  readonly name: string;
  readonly minSeverity: Severity;
  /** A sink that keeps each incident by itself: its messages have all apps. Absent for one that a person reads. */
  readonly repeatMs?: number;
}
