import type { TargetConfig } from '../config/target-config.ts';
import type { Sample } from '../probe/probe.ts';
import type { Pm2Wait } from '../target/observation.ts';
import type { RestartList } from '../target/restarts/restart-list.ts';
import type { Uptime } from '../uptime/figures.ts';
import type { Verdict } from '../verdict/verdict.ts';

/** The answers of about a minute, which are slow. */
export interface SlowAnswers {
  readonly medianMs: number;
  /** The app's `slow`. */
  readonly limitMs: number;
  /** How many they are. */
  readonly answers: number;
}

/** A certificate that expires soon, or has expired. */
export interface ExpiringCertificate {
  /** Wall milliseconds. */
  readonly notAfter: number;
  /** Negative for one that has expired. */
  readonly leftMs: number;
}

/** How something is that an app depends on, for a person. */
export interface DependencyStatus {
  /** As the app's block has it. */
  readonly name: string;
  /** `missing`: PM2 has no such app; `unknown`: nobody can tell, and nothing is held for it. */
  readonly state: 'up' | 'down' | 'unknown' | 'missing';
  readonly detail: string;
}

/** All that is known about one target at one moment, for the reports. */
export interface TargetView {
  readonly name: string;
  readonly pmId: number;
  readonly pid: number;
  readonly instance: number;
  /** In cluster mode how many processes are behind the port; absent for a single process. */
  readonly instances?: { readonly online: number; readonly all: number };
  readonly config: TargetConfig;
  readonly verdict: Verdict;
  /** The newest sample that was judged or dropped; null before the first one. */
  readonly last: Sample | null;
  /** Our restarts that were executed since the monitor began. */
  readonly restartsTotal: number;
  /** The restarts under PM2, ours too; absent where nothing is known of them. */
  readonly pm2Restarts?: RestartList;
  /** Apps whose restarts in flight delay one of this app; absent where none does. */
  readonly waitsFor?: readonly string[];
  /** What PM2 itself waits for now; absent where that is nothing. */
  readonly pm2Wait?: Pm2Wait;
  /** The sentence that its server runs in the background; absent where that is not known. */
  readonly background?: string;
  /** A mark of the probe that it last answered well; null or absent where it never did. */
  readonly provenBlock?: string | null;
  /** Its answers of the last minute, where they are slow; absent where they are not. */
  readonly slow?: SlowAnswers;
  /** Its server's certificate, where that expires soon or has expired; null or absent for any other. */
  readonly certificate?: ExpiringCertificate | null;
  /** When the certificate of the last handshake ends, wall milliseconds; null or absent where there is none. */
  readonly tlsNotAfter?: number | null;
  /** What was reported of it, to be kept; null or absent where nothing was. */
  readonly certificateReported?: string | null;
  /** How each of its dependencies is, read when it is called; absent where it has none. */
  readonly dependsOn?: () => readonly DependencyStatus[];
  /** Its uptime in the last week. */
  readonly uptime: Uptime;
  /**
   * A note about who answers: that it may not be the app, or who has another of its addresses; null or absent
   * where there is none.
   */
  readonly portNote?: string | null;
  /**
   * What it was doing when it did not answer: a sentence, then its stack, without secrets; absent where it answers,
   * and where nothing is known.
   */
  readonly diagnosis?: readonly string[];
  /** That it still runs an earlier release, and what to do about it; null or absent is nothing known. */
  readonly releaseNote?: string | null;
  /** The path of the app's error log; null where PM2 names none. */
  readonly errorLog: string | null;
}
