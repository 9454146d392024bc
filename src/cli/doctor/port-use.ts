import type { TargetConfig } from '../../config/target-config.ts';
import { findPortHolder } from '../../diagnosis/find-port-holder.ts';
import { acceptInDoubt, type PortHolderDeps } from '../../diagnosis/port-holder.ts';
import { locate, portOf } from '../../diagnosis/probed-address.ts';
import type { OsReader } from '../../os/os-reader.ts';
import { ancestorsOf } from '../../os/tree.ts';
import type { ManagedProcess } from '../../pm2/process.ts';
import { observationOf } from '../../target/observation.ts';
import { systemClock as clock } from '../../time/clock.ts';
import { portListeners } from '../launch/port-listeners.ts';
import type { Neighbour, PortUse } from './facts.ts';

/** What finds the holder of a port. */
export interface PortUseDeps {
  readonly reader: OsReader;
  readonly pm2Home: string;
  /** 0 where not known. */
  readonly daemonPid: number;
  /** All that PM2 runs. */
  readonly processes: readonly ManagedProcess[];
}

/**
 * Who has the port of an app, also of one that does not run; null where it has none, or where any holder is
 * allowed.
 */
export async function portUse(
  app: ManagedProcess,
  { probe, portOwner }: TargetConfig,
  deps: PortUseDeps,
): Promise<PortUse | null> {
  const port = portOf(probe);
  if (port === null || portOwner === 'any') return null;
  const { reader } = deps;
  const { addresses, holder } = await holderAt(app, probe, deps);
  const { isHeld, tree, listening } = await portListeners(port, app.pid, reader);
  const others = listening.filter(({ isOfApp }) => !isOfApp).map(({ pid }) => pid);
  const neighbours = await neighboursOf(others, app, deps);
  const ownListeners = tree.length === 0 ? [] : ((await reader.listenersOf(tree)) ?? []);
  return {
    port,
    addresses,
    holder,
    isHeld,
    others,
    ...(neighbours.length > 0 && { neighbours }),
    ownAddresses: ownListeners.filter((each) => each.port === port).map(({ address }) => address),
    otherPorts: [...new Set(ownListeners.map((each) => each.port))].filter((each) => each !== port),
  };
}

/** The addresses of the app's host, and their holder. */
async function holderAt(
  app: ManagedProcess,
  probe: TargetConfig['probe'],
  deps: PortUseDeps,
): Promise<Pick<PortUse, 'addresses' | 'holder'>> {
  const endpoint = await locate(probe, undefined);
  if (endpoint === null) return { addresses: [], holder: { kind: 'accepted' } };
  if (typeof endpoint === 'string') return { addresses: [], holder: acceptInDoubt(endpoint) };
  const observation = observationOf(app, clock);
  const asked = { isAnswered: false };
  const holder = await findPortHolder(observation, endpoint, groundOf(app, deps), asked);
  const { addresses } = endpoint;
  // The app's own addresses are reported separately.
  const isItsOwn = holder.kind === 'accepted' && holder.doubt === undefined;
  return { addresses, holder: isItsOwn ? { kind: 'accepted' } : holder };
}

/** The listeners that PM2 runs too, so that no advice says to kill them. */
async function neighboursOf(
  pids: readonly number[],
  app: ManagedProcess,
  { reader, processes, daemonPid }: PortUseDeps,
): Promise<readonly Neighbour[]> {
  const table = pids.length > 0 ? await reader.processes() : null;
  if (table === null) return [];
  const running = processes.filter(({ pid, pmId }) => pid > 0 && pmId !== app.pmId);
  return pids.flatMap((pid): Neighbour[] => {
    if (pid === daemonPid) return [{ pid, app: null }];
    const line = [pid, ...ancestorsOf(table, pid).map((each) => each.pid)];
    const found = line.flatMap((each) => running.find((other) => other.pid === each) ?? [])[0];
    return found ? [{ pid, app: { name: found.name, pmId: found.pmId } }] : [];
  });
}

function groundOf(
  app: ManagedProcess,
  { reader, pm2Home, daemonPid, processes }: PortUseDeps,
): PortHolderDeps {
  return {
    reader,
    clock,
    pm2Home,
    ownPid: process.pid,
    daemonPid,
    pm2Pids: processes.map(({ pid }) => pid).filter((pid) => pid > 0),
    instances: processes.filter(({ name }) => name === app.name),
  };
}
