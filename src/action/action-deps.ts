import type { OsReader } from '../os/os-reader.ts';
import type { Pm2Client } from '../pm2/client.ts';
import type { Clock } from '../time/clock.ts';

/** Through what an order is executed: PM2, the system's processes, and the leave to act at all. */
export interface ActionDeps {
  readonly pm2: Pm2Client;
  readonly clock: Clock;
  readonly reader: OsReader;
  readonly pm2Home: string;
  /** Only the leader may act. Never rejects. */
  readonly mayAct: () => Promise<boolean>;
  /** True while the PM2 daemon lacks the program `ps`. Never rejects. */
  readonly isPsMissing: () => Promise<boolean>;
}
