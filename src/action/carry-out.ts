import type { OsReader } from '../os/os-reader.ts';
import type { Pm2Client } from '../pm2/client.ts';
import type { Clock } from '../time/clock.ts';
import type { RestartOrder } from './decision.ts';
import { perform, type Performed } from './perform.ts';
import { reapAndRestart } from './reap.ts';

/** What acting needs of the world. */
export interface ActionPorts {
  readonly pm2: Pm2Client;
  readonly clock: Clock;
  readonly reader: Pick<OsReader, 'births'>;
}

/** Carries out whatever an order asks for. Never rejects. */
export function carryOut(
  order: RestartOrder,
  { pm2, clock, reader }: ActionPorts,
): Promise<Performed> {
  return order.reap.length > 0
    ? reapAndRestart(order, pm2, reader, clock)
    : perform(order, pm2, clock);
}
