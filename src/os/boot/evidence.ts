import type { RunCommand } from '../run-command.ts';

/** The facts from which "does it come back after a reboot?" is answered. */
export interface BootEvidence {
  readonly platform: NodeJS.Platform;
  /** The user that PM2 runs as, by name, and its home folder. */
  readonly user: string;
  readonly home: string;
  readonly isRoot: boolean;
  /** Absolute. */
  readonly pm2Home: string;
  /** PM2's program and the folder of the Node that runs it; absolute. */
  readonly pm2Program: string;
  readonly nodeFolder: string;
  /** The names in PM2's list, one for each process; without modules, which PM2 never saves. */
  readonly apps: readonly string[];
  /** True where PM2 is what a container starts (`pm2-runtime`); absent: not known. */
  readonly isContainerStart?: boolean;
  /** The folder below which the system's files are read; `/` outside of tests. */
  readonly root?: string;
  /** Runs a program of Windows; absent outside of tests. */
  readonly run?: RunCommand;
}

/** Whether the system starts PM2 for this PM2_HOME when it boots. */
export type BootStart =
  /** `unit` is the file that starts it. */
  | { readonly state: 'installed'; readonly unit: string }
  | { readonly state: 'missing'; readonly reason: string }
  | { readonly state: 'unknown'; readonly reason: string }
  /** PM2 is what the container starts, with its ecosystem file: nothing else has to start it. */
  | { readonly state: 'container' };

/** A saved app that PM2 does not run, and what is missing that PM2 needs to start it. */
export interface Unstartable {
  readonly name: string;
  readonly reason: string;
}

/** Whether PM2's saved list (`dump.pm2`), from which it starts the apps at boot, is up to date. */
export type SavedList =
  | { readonly state: 'current' }
  | { readonly state: 'missing'; readonly reason: string }
  | {
      readonly state: 'stale';
      /** Apps that run now and would not come back. */
      readonly missingApps: readonly string[];
      /** Apps that are gone and would come back. */
      readonly goneApps: readonly string[];
      /** Those of them that PM2 cannot start, and what is missing; absent where there are none. */
      readonly unstartable?: readonly Unstartable[];
    };
