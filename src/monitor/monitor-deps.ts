import type { Overrides } from '../config/target-config.ts';
import type { Pm2Client } from '../pm2/client.ts';
import type { Misconfigured } from '../target/block-cache.ts';
import type { WorkerDeps } from './worker/worker-deps.ts';

/** What the monitor needs. */
export interface MonitorDeps extends Omit<
  WorkerDeps,
  'needOf' | 'heldUntil' | 'heartbeatOf' | 'gate'
> {
  readonly pm2: Pm2Client;
  readonly overrides: Overrides;
  /** Our own pm_id, never watched; null when PM2 does not run us. */
  readonly ownPmId: number | null;
  readonly tellMisconfigured: (app: Misconfigured) => void;
  /** An error of our own; the loop goes on. */
  readonly tellBug: (error: unknown) => void;
  /** There is more to ask than can be asked; null when that is over. */
  readonly tellOverload?: (trouble: string | null) => void;
}
