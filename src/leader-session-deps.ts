import type { ListenAddress } from './config/listen-address.ts';
import type { SecretText } from './config/secrets/secret-text.ts';
import type { Overrides } from './config/target-config.ts';
import type { NotifySettings } from './notify/notify-session.ts';
import type { OsReader } from './os/os-reader.ts';
import type { Pm2Client } from './pm2/client.ts';
import type { HostFigures } from './report/host-figures.ts';
import type { LoopDelayFigures } from './report/loop-delay.ts';
import type { TargetView } from './report/view.ts';
import type { Log } from './report/log.ts';
import type { Metrics } from './report/metrics.ts';
import type { StatusDocument } from './report/status.ts';
import type { Clock } from './time/clock.ts';
import type { DiskQueue } from './time/disk-queue.ts';

/** What one session uses. */
export interface LeaderSessionDeps {
  readonly clock: Clock;
  readonly pm2: Pm2Client;
  /** A random number in [0, 1). */
  readonly random: () => number;
  readonly overrides: Overrides;
  /** Our own pm_id, which is never watched; null when PM2 does not run us. */
  readonly ownPmId: number | null;
  readonly reader: OsReader;
  /** Absolute. */
  readonly pm2Home: string;
  /** Our own pid: its children belong to no app. */
  readonly ownPid: number;
  /** Our lock, which is checked before a restart. */
  readonly lock: { check(): Promise<boolean> };
  /** True while the PM2 daemon lacks the program `ps`. Never rejects. */
  readonly isPsMissing: () => Promise<boolean>;
  /** The queue of all operations on the disk of the state file. */
  readonly disk?: DiskQueue;
  readonly log: Log;
  readonly metrics: Metrics;
  /** Who gets messages about incidents; absent for nobody. */
  readonly notify?: NotifySettings;
  /** Where others may look, and the document that they see; absent for nowhere. */
  readonly listener?: {
    readonly address: ListenAddress;
    readonly token: SecretText | null;
    readonly status: () => StatusDocument;
    readonly version: string;
    readonly host: () => HostFigures;
    readonly loopDelayOf?: (view: TargetView) => LoopDelayFigures | null;
  };
}
