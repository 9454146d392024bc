import type { ProcessState } from '../os/os-reader.ts';

/** What one look of the guard found. */
export interface GuardEvidence {
  /** Wall milliseconds: looks are programs of their own, and no other clock outlives one. */
  readonly wall: number;
  readonly boot: Boot;
  /** Why the system itself starts or stops PM2 just now, or may do so: what it is at. Null while it is not. */
  readonly systemBusy: string | null;
  readonly daemon: DaemonEvidence;
  readonly monitor: MonitorEvidence;
}

/** The present boot of the machine or container. */
export interface Boot {
  /** Another one after each boot. */
  readonly key: string;
  readonly ageMs: number;
}

/** PM2's daemon. */
export type DaemonEvidence =
  | { readonly state: 'answers' }
  /** Its process is there. `isStopped`: by a signal (SIGSTOP). */
  | {
      readonly state: 'silent';
      readonly reason: string;
      readonly pid: number;
      readonly isStopped: boolean;
    }
  | {
      readonly state: 'gone';
      /** `dead`: the file names a process that is gone. A daemon that ends in good order removes the file. */
      readonly pidFile: 'none' | 'dead';
      /** How many apps the saved list has. */
      readonly saved: number;
    };

/** The monitor of this PM2_HOME. */
export type MonitorEvidence =
  /** `lastRoundAgeMs`: since PM2's list was read last; null where the monitor does not say it. */
  | { readonly state: 'leads'; readonly pid: number; readonly lastRoundAgeMs: number | null }
  | {
      readonly state: 'silent';
      readonly reason: string;
      /** PM2's entries of monitors. */
      readonly processes: readonly MonitorProcess[];
    }
  /** Without a daemon there is nobody who knows. */
  | { readonly state: 'unknown' };

/** One entry of a monitor in PM2's list, and its process. */
export interface MonitorProcess {
  readonly pmId: number;
  readonly status: string;
  /** 0 where PM2 runs none. */
  readonly pid: number;
  /** With the pid it identifies the process; null where there is none. */
  readonly birth: string | null;
  /** `stopped` only where it was so in two looks, seconds apart; null where there is no process. */
  readonly process: ProcessState | null;
}
