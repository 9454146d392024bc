import type { Severity } from '../message/notice.ts';
import type { IncidentWords, Recipients } from './facts.ts';

/** What is known of the messages about one incident; it lasts as long as the incident. Wall milliseconds. */
export interface LedgerEntry extends IncidentWords {
  readonly key: string;
  readonly app: string;
  readonly instance: number;
  /** Its messages name the instance, also where that is 0. */
  readonly isOneOfMany: boolean;
  /** The incident's id, as the journal has it. */
  readonly incident: string;
  readonly openedAt: number;
  readonly detectedAt: number;
  readonly cause: string;
  readonly severity: Exclude<Severity, 'info'>;
  readonly recipients: Recipients;
  readonly restarts: number;
  /** What was done, the oldest first. */
  readonly done: readonly string[];
  /** When its opening is to be reported; null while that is not decided. */
  readonly dueAt: number | null;
  /** The severity it was last reported with; null before it was. */
  readonly firedAs: Exclude<Severity, 'info'> | null;
  /** The channels that its opening was given to: they get its end too. */
  readonly sentTo: readonly string[];
  /** The channels that know of a less severe incident that this one replaced: they get the end too. */
  readonly reportedBefore: readonly string[];
  /** The severity that people knew it by until `at`, before the present one; null where that was the same. */
  readonly severityBefore: {
    readonly severity: Exclude<Severity, 'info'>;
    readonly at: number;
  } | null;
  /** When it was last reported; null before it was. */
  readonly remindedAt: number | null;
  /** Since when nothing has shown the app, in PM2 or with a block; null while it is there. */
  readonly goneSince: number | null;
  /** When it was opened again, after an end that was only assumed; null for the others. */
  readonly reopenedAt: number | null;
  /** Its restarts are held: it is not reported. */
  readonly isHeld: boolean;
}

/** An incident that is over, with its message not yet written. */
export interface EndedEntry {
  readonly entry: LedgerEntry;
  readonly event: 'resolved' | 'fixed';
  readonly end: string;
  readonly endedAt: number;
  readonly downtimeMs: number | null;
  readonly dueAt: number;
}

/** An incident that was over a short while ago: state that is restored from an older file does not open it again. */
export interface Tombstone {
  readonly key: string;
  readonly openedAt: number;
  /** Null in a file of an earlier version. */
  readonly detectedAt: number | null;
  readonly cause: string;
  readonly endedAt: number;
  /** Nobody saw the end: it was assumed. Open again, the incident is reported again. */
  readonly isAssumed: boolean;
}

/** All that the plan remembers; it is on disk before anything is sent. */
export interface Ledger {
  readonly entries: readonly LedgerEntry[];
  readonly ended: readonly EndedEntry[];
  readonly tombstones: readonly Tombstone[];
}

export const EMPTY_LEDGER: Ledger = { entries: [], ended: [], tombstones: [] };
