/** Everything that the question "does it come back after a reboot?" rests on. */
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
  /** Below which folder the system's files are looked for; `/` outside of tests. */
  readonly root?: string;
}

/** Whether the system starts PM2 for this PM2_HOME when it boots. */
export type BootStart =
  /** `unit` is the file that says so. */
  | { readonly state: 'installed'; readonly unit: string }
  | { readonly state: 'missing'; readonly why: string }
  | { readonly state: 'unknown'; readonly why: string };

/** Whether PM2's saved list (`dump.pm2`), from which it starts the apps, is that of now. */
export type SavedList =
  | { readonly state: 'current' }
  | { readonly state: 'missing'; readonly why: string }
  | {
      readonly state: 'stale';
      /** Run now and would not come back. */
      readonly missingApps: readonly string[];
      /** Are gone and would come back. */
      readonly goneApps: readonly string[];
    };
