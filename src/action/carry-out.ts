import type { OsReader } from '../os/os-reader.ts';
import type { Pm2Client } from '../pm2/client.ts';
import type { Clock } from '../time/clock.ts';
import type { RestartOrder } from './decision.ts';
import { daemonPidOf } from '../os/daemon-pid.ts';
import { performGroup } from './perform-group.ts';
import { perform, type Performed } from './perform.ts';
import { reapAndRestart } from './reap.ts';
import { endLost } from './unmanaged.ts';

/** What acting needs of the world. */
export interface ActionPorts {
  readonly pm2: Pm2Client;
  readonly clock: Clock;
  readonly reader: OsReader;
  readonly pm2Home: string;
}

/** Carries out whatever an order asks for. Never rejects. */
export async function carryOut(order: RestartOrder, ports: ActionPorts): Promise<Performed> {
  const { pm2, clock, reader, pm2Home } = ports;
  if (order.members !== undefined) {
    return performGroup(order, order.members, pm2, (single) => carryOut(single, ports));
  }
  const performed =
    order.reap.length > 0
      ? await reapAndRestart(order, pm2, reader, clock)
      : await perform(order, pm2, clock);
  if (performed.result === 'skipped') return performed;
  try {
    const isThere = (await pm2.list()).some(
      ({ pmId, name }) => pmId === order.pmId && name === order.name,
    );
    if (isThere) return performed;
    const daemonPid = await daemonPidOf(pm2Home);
    const ended = await endLost(order, { reader, clock, pm2Home, daemonPid, pm2Pids: pm2.pids() });
    const left = ended.length > 0 ? `, and its process ${ended.join(', ')} was ended` : '';
    return { result: 'done', detail: `the operator deleted it meanwhile${left}` };
  } catch {
    return performed;
  }
}
