import type { TargetConfig } from '../config/target-config.ts';
import type { Sample } from '../probe/probe.ts';
import type { Uptime } from '../uptime/figures.ts';
import type { Verdict } from '../verdict/verdict.ts';

/** Everything that is known of one target at one moment; what reports are made of. */
export interface TargetView {
  readonly name: string;
  readonly pmId: number;
  readonly pid: number;
  readonly instance: number;
  /** In cluster mode how many processes are behind the port; absent for a process alone. */
  readonly instances?: { readonly online: number; readonly all: number };
  readonly config: TargetConfig;
  readonly verdict: Verdict;
  /** The newest sample that was judged or dropped; null before the first one. */
  readonly last: Sample | null;
  /** Restarts of ours that were carried out since the monitor began. */
  readonly restartsTotal: number;
  /** Apps whose restarts are under way and keep one of this app back; absent where none does. */
  readonly waitsFor?: readonly string[];
  /** That PM2 does not run its server, in a sentence; absent where it is not known to be so. */
  readonly background?: string;
  /** How it was in the last week. */
  readonly uptime: Uptime;
  /**
   * What a person should know about who answers: that it may not be the app, or who has
   * another of its addresses; null or absent is nothing.
   */
  readonly portNote?: string | null;
  /** The path of the app's error log; null where PM2 names none. */
  readonly errorLog: string | null;
}
