import { localAddresses } from '../os/address.ts';
import type { Listener, OsReader, ProcessTable } from '../os/os-reader.ts';
import {
  mostSevere,
  isThisMachine,
  ownersAt,
  ownPids,
  type Owner,
  type OwnerEvidence,
} from '../os/owner.ts';
import { SHARED_MS } from '../os/shared-reader.ts';
import { treeOf } from '../os/tree.ts';
import type { Endpoint } from './probed-address.ts';
import {
  acceptInDoubt,
  type ProbedEvidence,
  type PortHolderDeps,
  type PortHolder,
  type PortEvidence,
} from './port-holder.ts';
import { judgePortHolder } from './judge-port-holder.ts';
import type { Tree } from './cpu-load.ts';
import { pidsOf, type Observation } from '../target/observation.ts';

/**
 * A socket whose holder is not seen may be one of the app that it gives back as it exits. These waits come
 * before further looks, until another one shows the same.
 */
const MOMENTS_MS = [100, 400];

/** One look at a port. */
interface Look {
  readonly owners: readonly Owned[];
  readonly table: ProcessTable;
}

/** A probed address, and who gets its connections. */
interface Owned {
  readonly address: string;
  readonly owner: Owner;
}

/**
 * Finds who holds the probed port of a target (DESIGN §6). A shared look is enough where the app itself
 * has it, or where nobody answers because nobody listens; everything else gets a new look.
 */
export async function findPortHolder(
  app: Observation,
  endpoint: Endpoint,
  deps: PortHolderDeps,
  probed: ProbedEvidence = {},
): Promise<PortHolder> {
  const here = localAddresses();
  if (!endpoint.addresses.some((address) => isThisMachine(address, here))) {
    return acceptInDoubt(`${endpoint.addresses.join(' and ')} is not an address of this machine`);
  }
  const shared = await lookAt(app, endpoint, deps, probed, SHARED_MS);
  const isEnough = shared !== null && isEnoughFor(shared, probed);
  const look = isEnough ? shared : await lookUntilSure(app, endpoint, deps, probed);
  if (look === 'nobody') return { kind: 'accepted' };
  if (look === null) return acceptInDoubt('this system does not show which process listens');
  const { owners, table } = look;
  const own = owners.filter(({ owner }) => owner.kind === 'app').map(({ address }) => address);
  const pid = owners
    .map(({ owner }) => (owner.kind === 'app' ? owner.pid : 0))
    .find((each) => each);
  const others = owners.map(({ owner }) => owner).filter(isOther);
  if (own.length > 0 && others.length === 0) {
    return { kind: 'accepted', at: own, ...(pid && { pid }) };
  }
  const { isAnswered = true } = probed;
  const evidence = { app, ...endpoint, table, deps, isAnswered };
  if (own.length > 0) return describeBeside(own, mostSevere(others), evidence);
  return judgePortHolder(selectOwner(owners, probed), evidence);
}

/** A new look, and some more where it shows a holder that we may not see and that is not the app. */
async function lookUntilSure(
  app: Observation,
  endpoint: Endpoint,
  deps: PortHolderDeps,
  probed: ProbedEvidence,
): Promise<Look | 'nobody' | null> {
  let look = await lookAt(app, endpoint, deps, probed, 0);
  for (const ms of probed.isKnownOutsider === true ? [] : MOMENTS_MS) {
    if (!isOutsiders(look)) break;
    await deps.clock.sleep(ms);
    look = await lookAt(app, endpoint, deps, probed, 0);
  }
  return look;
}

function isOutsiders(look: Look | 'nobody' | null): boolean {
  if (look === null || look === 'nobody') return false;
  const kinds = new Set(look.owners.map(({ owner }) => owner.kind));
  return kinds.has('outsider') && !kinds.has('app');
}

/** True where a look that may be a little old is as good as a new one. */
function isEnoughFor(look: Look | 'nobody', { from, isAnswered = true }: ProbedEvidence): boolean {
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

/**
 * Looks at the port. Null where the system does not say; `nobody` where the app has no process and the
 * port is free.
 */
async function lookAt(
  app: Observation,
  { port, addresses }: Endpoint,
  deps: PortHolderDeps,
  probed: ProbedEvidence,
  maxAgeMs: number,
): Promise<Look | 'nobody' | null> {
  const { reader } = deps;
  const roots = pidsOf(app);
  // The table is read before the sockets: it may lack a younger process, and may have one that has exited.
  const before = maxAgeMs > 0 ? await reader.processes(roots, maxAgeMs) : null;
  const likely = before === null ? roots : pidsIn(before, roots);
  const [socket = ''] = port === 0 ? addresses : [];
  const listeners =
    socket === ''
      ? await reader.listeners(port, likely, maxAgeMs)
      : ((await reader.unix?.listenersAt(socket, likely, maxAgeMs)) ?? null);
  if (app.pid === 0 && listeners?.length === 0) return 'nobody';
  const pids = listeners?.flatMap((listener) => listener.pids ?? []) ?? [];
  const table = before ?? (await reader.processes([...roots, ...pids], maxAgeMs));
  if (listeners === null || table === null) return null;
  const facts = await factsOf(app, port, { listeners, table }, probed, deps);
  return { owners: ownersAt(facts, addresses), table };
}

/** All facts that show whose a socket is. */
async function factsOf(
  app: Observation,
  port: number,
  { listeners, table }: { listeners: readonly Listener[]; table: ProcessTable },
  { isIpv6Only = false }: ProbedEvidence,
  deps: PortHolderDeps,
): Promise<OwnerEvidence> {
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

/** The owner that answered; else the most severe one of the probed addresses. */
function selectOwner(owners: readonly Owned[], { from, only }: ProbedEvidence): Owner {
  const answered = owners.find(({ address }) => address === from)?.owner;
  if (answered !== undefined && answered.kind !== 'none') return answered;
  const asked = only ? owners.filter(({ address }) => only.includes(address)) : owners;
  return mostSevere((asked.length > 0 ? asked : owners).map(({ owner }) => owner));
}

function isOther({ kind }: Owner): boolean {
  return kind !== 'app' && kind !== 'none';
}

/** The app has its own address; who has the other one matters only to people. */
async function describeBeside(
  at: readonly string[],
  other: Owner,
  evidence: PortEvidence,
): Promise<PortHolder> {
  const holder = await judgePortHolder(other, evidence);
  // An owner that proves to be part of the app counts as the app; an owner in doubt does not.
  const isDoubtful = holder.kind === 'accepted' && holder.doubt !== undefined;
  if (holder.kind === 'accepted' && !isDoubtful && other.kind === 'stranger') return holder;
  const said = wordsOf(holder);
  return { kind: 'beside', at, detail: `probed at ${at.join(' and ')} only: elsewhere ${said}` };
}

function wordsOf(holder: PortHolder): string {
  if (holder.kind === 'accepted') return holder.doubt ?? 'it may be another';
  return holder.kind === 'unsure' ? holder.reason : holder.detail;
}

function rootsBeside(app: Observation, { instances }: PortHolderDeps): number[] {
  return instances
    .filter(({ pmId, pid, cwd }) => pmId !== app.pmId && pid > 0 && cwd === app.cwd)
    .map(({ pid }) => pid);
}

/** In cluster mode the daemon holds the socket: the pid in PM2's pid file, or the worker's parent. */
function daemonsOf(app: Observation, table: ProcessTable, daemonPid: number): number[] {
  const parent = table.get(app.pid)?.ppid ?? 0;
  return [daemonPid, parent].filter((pid) => pid > 1 || (pid === 1 && pid === daemonPid));
}

/** All processes of the app that run now, one tree for each of PM2's processes. */
export async function treesOfApp(
  app: Observation,
  reader: OsReader,
  maxAgeMs = 0,
): Promise<readonly Tree[]> {
  const pids = pidsOf(app);
  const table = pids.length > 0 ? await reader.processes(pids, maxAgeMs) : null;
  return table === null ? [] : pids.map((pid) => treeOf(table, pid));
}
