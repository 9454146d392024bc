import type { OsReader } from '../os/os-reader.ts';
import type { Pm2Client } from '../pm2/client.ts';
import type { Clock } from '../time/clock.ts';

/** What executes an order: PM2, the system's processes, and the check that we still lead. */
export interface ActionDeps {
  readonly pm2: Pm2Client;
  readonly clock: Clock;
  readonly reader: OsReader;
  readonly pm2Home: string;
  /** True while we lead: only the leader may act. Never rejects. */
  readonly mayAct: () => Promise<boolean>;
  /** True while the PM2 daemon cannot run `ps`. Never rejects. */
  readonly isPsMissing: () => Promise<boolean>;
}
