import type { Overrides } from '../config/target-config.ts';
import type { Pm2Client } from '../pm2/client.ts';
import type { ManagedProcess } from '../pm2/process.ts';
import type { AppFiles, AppFilesDeps } from '../diagnosis/app-files.ts';
import type { MonitorListener } from '../report/worker-events.ts';
import type { TargetObserverDeps } from '../target/target-observation.ts';
import type { WorkerDeps } from './worker/worker-deps.ts';

/** What the monitor uses, without what it makes for its workers itself. */
export interface MonitorDeps extends Omit<
  WorkerDeps,
  | 'needOf'
  | 'heldUntil'
  | 'dependencies'
  | 'heartbeatOf'
  | 'gate'
  | 'emit'
  | 'createAppFiles'
  | 'appPids'
> {
  /** Makes the watch over the files of one app; `keptOut` knows the ports that its last process reported as taken. */
  readonly createAppFiles: (keptOut: AppFilesDeps['keptOut']) => AppFiles;
  readonly pm2: Pm2Client;
  readonly overrides: Overrides;
  /** Removes the file of a Unix socket that an ended process has left; true where it did. Never rejects. */
  readonly removeStaleSocket: (path: string) => Promise<boolean>;
  /** Finds out why PM2 could not start an app. */
  readonly lostLook: TargetObserverDeps['lostLook'];
  /** Our own pm_id, which is never watched; null when PM2 does not run us. */
  readonly ownPmId: number | null;
  /** Gives the processes that have no block the one of `watched.json`, where that has one for them. */
  readonly blocks: {
    applyTo(processes: readonly ManagedProcess[]): readonly ManagedProcess[];
  };
  readonly emit: MonitorListener;
}
