/**
 * What a notice is about: an incident opened, still goes on after some hours (`reminder`), ended
 * (`resolved`), was opened and ended before it needed a person (`fixed`); the monitor itself; a test.
 */
export type NoticeEvent = 'opened' | 'reminder' | 'resolved' | 'fixed' | 'monitor' | 'test';

/**
 * `info` where nothing is to be done, `critical` where an app stays down without a person (gave up, lost,
 * unstable, degraded) and for the monitor itself, `warning` for the rest (DESIGN §15).
 */
export type Severity = 'info' | 'warning' | 'critical';

/** From the lowest to the highest. */
export const SEVERITIES: readonly Severity[] = ['info', 'warning', 'critical'];

/** The most apps that a notice gives in full; `moreApps` counts the rest. */
export const MAX_APPS = 10;

/** One message, the same for all channels. All texts may come from an app, so each channel escapes them. */
export interface Notice {
  readonly schemaVersion: 1;
  /** The same at every retry: a receiver can drop a repeat. */
  readonly id: string;
  readonly event: NoticeEvent;
  readonly severity: Severity;
  /** The name of this machine. */
  readonly host: string;
  /** ISO 8601, UTC. */
  readonly at: string;
  /** At most MAX_APPS; empty for `monitor` and `test`. */
  readonly apps: readonly NoticeApp[];
  /** How many apps are not in `apps`. */
  readonly moreApps: number;
  /** A sentence; only for `monitor` and `test`. */
  readonly text: string | null;
}

/** What a notice says about one app. Times are ISO 8601, UTC. */
export interface NoticeApp {
  readonly app: string;
  /** The number of the instance in cluster mode; null where the incident is about all of them. */
  readonly instance: number | null;
  /** The incident's id, as in incidents.jsonl. */
  readonly incident: string;
  /** An IncidentCause: `refused`, `timeout`, `unstable`, … */
  readonly cause: string;
  /** For people, short: `no answer (3 of 3 checks)`. */
  readonly reason: string;
  /** What the last probe brought, as `status` shows it. */
  readonly detail: string;
  /** The first bad sign. */
  readonly openedAt: string;
  /** When it was proven. */
  readonly detectedAt: string;
  /** Null while it lasts. */
  readonly resolvedAt: string | null;
  /** Null while it lasts, or where it is not known. */
  readonly downtimeMs: number | null;
  /** How it ended, as an IncidentEnd: `recovered`, `stopped`, …; null while it lasts. Absent: not known. */
  readonly end?: string | null;
  /** The severity it was reported with, the same in `opened` and `resolved`. Absent: that of the notice. */
  readonly severity?: Severity;
  /** The severity that it was known by until `at`; absent where it always was the same. */
  readonly severityBefore?: { readonly severity: Severity; readonly at: string };
  /** How many restarts of ours the incident has had. */
  readonly restarts: number;
  /** What was done, one sentence each: `restarted by pm2-liveness at 03:12:04`. */
  readonly done: readonly string[];
  /** What comes next; null where nothing does. */
  readonly next: string | null;
  /** What the app was doing, or who holds its port; null where that is not known. */
  readonly diagnosis: string | null;
  /** To type on this machine: `npx pm2-liveness describe web`. */
  readonly command: string;
}
