import { localAddresses } from '../os/local-addresses.ts';
import type { Listener, OsReader, ProcessTable } from '../os/os-reader.ts';
import {
  gravest,
  isThisMachine,
  ownersAt,
  ownPids,
  type Owner,
  type PortFacts,
} from '../os/owner.ts';
import { treeOf } from '../os/tree.ts';
import type { Endpoint } from './probed-address.ts';
import {
  doubted,
  type Asked,
  type PortHolderDeps,
  type PortHolder,
  type PortEvidence,
} from './port-holder.ts';
import { judge } from './judge-port-holder.ts';
import type { Tree } from './cpu-load.ts';
import { pidsOf, type Observation } from '../target/observation.ts';

/** What most looks at an app's own port rest on may be as old as this, and is shared by all who look. */
export const SHARED_MS = 250;

/** One look at a port. */
interface Look {
  readonly owners: readonly Owned[];
  readonly table: ProcessTable;
}

/** An address, and who gets a connection to it. */
interface Owned {
  readonly address: string;
  readonly owner: Owner;
}

/**
 * Looks who holds the port that a target is asked at (DESIGN §6). That it is the app itself, or that
 * nobody answers where nobody listens, a shared look tells; everything else is looked at anew.
 */
export async function findPortHolder(
  app: Observation,
  endpoint: Endpoint,
  deps: PortHolderDeps,
  asked: Asked = {},
): Promise<PortHolder> {
  const here = localAddresses();
  if (!endpoint.addresses.some((address) => isThisMachine(address, here))) {
    return doubted(`${endpoint.addresses.join(' and ')} is not an address of this machine`);
  }
  const shared = await lookAt(app, endpoint, deps, asked, SHARED_MS);
  const isEnough = shared !== null && isPlain(shared, asked);
  const look = isEnough ? shared : await lookAt(app, endpoint, deps, asked, 0);
  if (look === 'nobody') return { kind: 'accepted' };
  if (look === null) return doubted('this system does not tell who listens');
  const { owners, table } = look;
  const own = owners.filter(({ owner }) => owner.kind === 'app').map(({ address }) => address);
  const others = owners.map(({ owner }) => owner).filter(isOther);
  if (own.length > 0 && others.length === 0) return { kind: 'accepted', at: own };
  const { isAnswered = true } = asked;
  const place = { app, ...endpoint, table, deps, isAnswered };
  if (own.length > 0) return besideOf(own, gravest(others), place);
  return judge(foremost(owners, asked), place);
}

/** Whether a look that may be a little old is as good as a new one. */
function isPlain(look: Look | 'nobody', { from, isAnswered = true }: Asked): boolean {
  if (look === 'nobody') return false;
  const kinds = new Set(look.owners.map(({ owner }) => owner.kind));
  if (kinds.has('app') && !look.owners.some(({ owner }) => isOther(owner))) {
    return from === undefined || isOwnAt(from, look.owners);
  }
  return kinds.size === 1 && kinds.has('none') && !isAnswered;
}

function isOwnAt(from: string, owners: readonly Owned[]): boolean {
  return owners.some(({ address, owner }) => address === from && owner.kind === 'app');
}

/** Null where nobody can tell; `nobody` where there is nothing to be told of an app without a process. */
async function lookAt(
  app: Observation,
  { port, addresses }: Endpoint,
  deps: PortHolderDeps,
  asked: Asked,
  maxAgeMs: number,
): Promise<Look | 'nobody' | null> {
  const { reader } = deps;
  const roots = pidsOf(app);
  // What is younger than the list of sockets may be missing in the table; what is older may be in it in vain.
  const before = maxAgeMs > 0 ? await reader.processes(roots, maxAgeMs) : null;
  const likely = before === null ? roots : pidsIn(before, roots);
  const listeners = await reader.listeners(port, likely, maxAgeMs);
  if (app.pid === 0 && listeners?.length === 0) return 'nobody';
  const pids = listeners?.flatMap((listener) => listener.pids ?? []) ?? [];
  const table = before ?? (await reader.processes([...roots, ...pids], maxAgeMs));
  if (listeners === null || table === null) return null;
  const facts = await factsOf(app, port, { listeners, table }, asked, deps);
  return { owners: ownersAt(facts, addresses), table };
}

/** Everything that tells whose a socket is. */
async function factsOf(
  app: Observation,
  port: number,
  { listeners, table }: { listeners: readonly Listener[]; table: ProcessTable },
  { isIpv6Only = false }: Asked,
  deps: PortHolderDeps,
): Promise<PortFacts> {
  const { reader, daemonPid } = deps;
  const facts = {
    listeners,
    table,
    // Instances of one app may share one port.
    rootPids: [...new Set([...pidsOf(app), ...rootsBeside(app, deps)])],
    alsoLegitimate: app.isCluster ? daemonsOf(app, table, daemonPid) : [],
    localAddresses: localAddresses(),
    isIpv6Only,
  };
  if (listeners.every(({ pids }) => pids !== null && pids.length > 0)) return facts;
  const sockets = (await reader.sockets?.(Number.POSITIVE_INFINITY))?.get(port);
  const closed = await reader.closed?.(ownPids(table, facts));
  return { ...facts, ...(sockets && { sockets }), ...(closed && { closed }) };
}

function pidsIn(table: ProcessTable, roots: readonly number[]): number[] {
  return roots.flatMap((root) => treeOf(table, root).map(({ pid }) => pid));
}

/** The one that answered; or else, of those that were asked, the one to act on. */
function foremost(owners: readonly Owned[], { from, only }: Asked): Owner {
  const answered = owners.find(({ address }) => address === from)?.owner;
  if (answered !== undefined && answered.kind !== 'none') return answered;
  const asked = only ? owners.filter(({ address }) => only.includes(address)) : owners;
  return gravest((asked.length > 0 ? asked : owners).map(({ owner }) => owner));
}

function isOther({ kind }: Owner): boolean {
  return kind !== 'app' && kind !== 'none';
}

/** The app has its own address: who has the other one is nobody's concern but a person's. */
async function besideOf(
  at: readonly string[],
  other: Owner,
  place: PortEvidence,
): Promise<PortHolder> {
  const holder = await judge(other, place);
  // What turned out to be of the app is as good as the app; where that is doubtful, it is not needed.
  const isDoubtful = holder.kind === 'accepted' && holder.doubt !== undefined;
  if (holder.kind === 'accepted' && !isDoubtful && other.kind === 'stranger') return holder;
  const said = wordsOf(holder);
  return { kind: 'beside', at, detail: `asked at ${at.join(' and ')} only: elsewhere ${said}` };
}

function wordsOf(holder: PortHolder): string {
  if (holder.kind === 'accepted') return holder.doubt ?? 'it may be another';
  return holder.kind === 'unsure' ? holder.why : holder.detail;
}

function rootsBeside(app: Observation, { instances }: PortHolderDeps): number[] {
  return instances
    .filter(({ pmId, pid, cwd }) => pmId !== app.pmId && pid > 0 && cwd === app.cwd)
    .map(({ pid }) => pid);
}

/** In cluster mode the daemon holds the socket: by its own word, or as the parent of the worker. */
function daemonsOf(app: Observation, table: ProcessTable, daemonPid: number): number[] {
  const parent = table.get(app.pid)?.ppid ?? 0;
  return [daemonPid, parent].filter((pid) => pid > 1 || (pid === 1 && pid === daemonPid));
}

/** Everything of the app that runs now, one tree for each of PM2's processes, to be compared with a later look. */
export async function treesOfApp(
  app: Observation,
  reader: OsReader,
  maxAgeMs = 0,
): Promise<readonly Tree[]> {
  const pids = pidsOf(app);
  const table = pids.length > 0 ? await reader.processes(pids, maxAgeMs) : null;
  return table === null ? [] : pids.map((pid) => treeOf(table, pid));
}
