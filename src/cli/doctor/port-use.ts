import type { TargetConfig } from '../../config/target-config.ts';
import { endpointOf } from '../../monitor/endpoint.ts';
import { holderOf, type Ground } from '../../monitor/inspection.ts';
import { observationOf } from '../../monitor/observation.ts';
import type { OsReader } from '../../os/os-reader.ts';
import type { ManagedProcess } from '../../pm2/process.ts';
import { systemClock as clock } from '../../time/clock.ts';
import { portListeners } from '../port-listeners.ts';
import type { PortUse } from './facts.ts';

/** What it takes to look who has a port. */
export interface PortGround {
  readonly reader: OsReader;
  readonly pm2Home: string;
  /** 0 when not known. */
  readonly daemonPid: number;
  /** All that PM2 runs. */
  readonly processes: readonly ManagedProcess[];
}

/** Who has the port of an app; null where it does not run, is asked elsewhere, or where anybody may. */
export async function portUse(
  app: ManagedProcess,
  { probe, portOwner }: TargetConfig,
  ground: PortGround,
): Promise<PortUse | null> {
  const endpoint = endpointOf(probe);
  if (endpoint === null || app.pid === 0 || portOwner === 'any') return null;
  const { port, addresses } = endpoint;
  const { reader } = ground;
  const holder = await holderOf(observationOf(app, clock), endpoint, groundOf(app, ground));
  const { isHeld, tree, listening } = await portListeners(port, app.pid, reader);
  const ownListeners = tree.length === 0 ? [] : ((await reader.listenersOf(tree)) ?? []);
  return {
    port,
    addresses,
    holder,
    isHeld,
    others: listening.filter(({ isOfApp }) => !isOfApp).map(({ pid }) => pid),
    ownAddresses: ownListeners.filter((each) => each.port === port).map(({ address }) => address),
    otherPorts: [...new Set(ownListeners.map((each) => each.port))].filter((each) => each !== port),
  };
}

function groundOf(
  app: ManagedProcess,
  { reader, pm2Home, daemonPid, processes }: PortGround,
): Ground {
  return {
    reader,
    pm2Home,
    ownPid: process.pid,
    daemonPid,
    pm2Pids: processes.map(({ pid }) => pid).filter((pid) => pid > 0),
    instances: processes.filter(({ name }) => name === app.name),
  };
}
