import { withoutLogins } from '../config/word-secrets.ts';
import { findOrphan } from '../os/find-orphan.ts';
import { localAddresses } from '../os/local-addresses.ts';
import { isDetachedPart, type Case } from '../os/orphan.ts';
import type { Life, Markers, OsReader, ProcessFacts, ProcessTable } from '../os/os-reader.ts';
import { gravest, ownersAt, type Owner } from '../os/owner.ts';
import { treeOf } from '../os/tree.ts';
import type { Tree } from './load.ts';
import { pidsOf, type Observation } from './observation.ts';
import type { Endpoint } from './endpoint.ts';

/** Who has the app's port, as far as it matters for the verdict. */
export type Holder =
  /** The app itself, or nobody can tell. */
  | { readonly kind: 'accepted' }
  /** The app's process has just gone, so that what answered cannot be laid at its door. */
  | { readonly kind: 'unsure'; readonly why: string }
  | { readonly kind: 'stranger'; readonly detail: string }
  | { readonly kind: 'orphan'; readonly detail: string; readonly lives: readonly Life[] }
  /** The app has this port, but at another address than the one that is asked. */
  | { readonly kind: 'elsewhere'; readonly detail: string }
  /** Nobody has this port, and the app listens on one of the next. */
  | { readonly kind: 'drifted'; readonly detail: string };

/** What is needed to look. */
export interface Ground {
  readonly reader: OsReader;
  readonly pm2Home: string;
  readonly ownPid: number;
  /** The PM2 daemon's pid; 0 when not known. */
  readonly daemonPid: number;
  readonly pm2Pids: readonly number[];
  /** What PM2 runs under the app's name, itself included. */
  readonly instances: readonly Instance[];
}

/** One of PM2's processes of one name. */
export interface Instance {
  readonly pmId: number;
  readonly pid: number;
  readonly cwd: string;
}

/** Programs that hold a port on behalf of others: whose it is cannot be told from here. */
const PROXIES = /(?:^|\/)(?:docker-proxy|rootlessport|slirp4netns)\b/;

/** A server that finds its port taken tries the next ones; no more than so many. */
const DRIFT_PORTS = 20;

/** What most looks at an app's own port rest on may be as old as this, and is shared by all who look. */
export const SHARED_MS = 250;

/** One look at a port. */
interface Look {
  readonly owner: Owner;
  readonly table: ProcessTable;
}

/**
 * Looks who holds the port that a target is asked at (DESIGN §6). That it is the app itself, or that
 * nobody answers where nobody listens, a shared look tells; everything else is looked at anew.
 */
export async function holderOf(
  app: Observation,
  endpoint: Endpoint,
  ground: Ground,
  isAnswered = true,
): Promise<Holder> {
  const shared = await lookAt(app, endpoint, ground, SHARED_MS);
  if (shared?.owner.kind === 'app') return { kind: 'accepted' };
  const isNobody = shared?.owner.kind === 'none' && !isAnswered;
  const look = isNobody ? shared : await lookAt(app, endpoint, ground, 0);
  return look === null ? { kind: 'accepted' } : holderIn(look, app, endpoint, ground);
}

/** Null where nobody can tell, and where there is nothing to be told of an app without a process. */
async function lookAt(
  app: Observation,
  { port, addresses }: Endpoint,
  ground: Ground,
  maxAgeMs: number,
): Promise<Look | null> {
  const { reader, daemonPid } = ground;
  const roots = pidsOf(app);
  // What is younger than the list of sockets may be missing in the table; what is older may be in it in vain.
  const before = maxAgeMs > 0 ? await reader.processes(roots, maxAgeMs) : null;
  const likely = before === null ? roots : pidsIn(before, roots);
  const listeners = await reader.listeners(port, likely, maxAgeMs);
  if (app.pid === 0 && listeners?.length === 0) return null;
  const pids = listeners?.flatMap((listener) => listener.pids ?? []) ?? [];
  const table = before ?? (await reader.processes([...roots, ...pids], maxAgeMs));
  if (listeners === null || table === null) return null;
  const owners = ownersAt(
    {
      listeners,
      table,
      // Instances of one app may share one port.
      rootPids: [...new Set([...roots, ...rootsBeside(app, ground)])],
      alsoLegitimate: app.isCluster ? daemonsOf(app, table, daemonPid) : [],
      localAddresses: localAddresses(),
    },
    addresses,
  ).map((each) => each.owner);
  // With two addresses and one of them the app's, it was the app that was asked, or should have been.
  return { owner: owners.find(({ kind }) => kind === 'app') ?? gravest(owners), table };
}

async function holderIn(
  { owner, table }: Look,
  app: Observation,
  { port, addresses }: Endpoint,
  ground: Ground,
): Promise<Holder> {
  const { reader } = ground;
  switch (owner.kind) {
    case 'app':
    case 'hidden':
      return { kind: 'accepted' };
    case 'unknown':
      return table.has(app.pid) ? { kind: 'accepted' } : { kind: 'unsure', why: owner.why };
    case 'none':
      return elsewhere(app, owner.appAt, port, addresses, table, reader);
    case 'stranger':
      return strangerOrOrphan(app, owner, port, caseOf(app, table, ground), reader);
  }
}

function pidsIn(table: ProcessTable, roots: readonly number[]): number[] {
  return roots.flatMap((root) => treeOf(table, root).map(({ pid }) => pid));
}

function rootsBeside(app: Observation, { instances }: Ground): number[] {
  return instances
    .filter(({ pmId, pid, cwd }) => pmId !== app.pmId && pid > 0 && cwd === app.cwd)
    .map(({ pid }) => pid);
}

/** In cluster mode the daemon holds the socket: by its own word, or as the parent of the worker. */
function daemonsOf(app: Observation, table: ProcessTable, daemonPid: number): number[] {
  const parent = table.get(app.pid)?.ppid ?? 0;
  return [daemonPid, parent].filter((pid) => pid > 1);
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

function caseOf(app: Observation, table: ProcessTable, ground: Ground): Case {
  const { pm2Home, daemonPid, ownPid, pm2Pids, instances } = ground;
  const siblings = instances.map((each) => each.pmId).filter((id) => id !== app.pmId);
  const { name, pmId, cwd, pid, startedAt } = app;
  // PM2 runs its apps as itself, unless an app's `uid` says otherwise; then its own process tells.
  const uid = table.get(pid)?.uid ?? table.get(ownPid)?.uid ?? null;
  return {
    table,
    app: { name, pmId, pm2Home, cwd, uid, pid, startedAtMs: startedAt, siblings },
    bystanders: { pm2Pids, daemonPid, ownPid },
  };
}

async function strangerOrOrphan(
  app: Observation,
  { pid, command }: Extract<Owner, { kind: 'stranger' }>,
  port: number,
  ground: Case,
  reader: OsReader,
): Promise<Holder> {
  if (pid === 1 || PROXIES.test(command)) return { kind: 'accepted' };
  const candidate = ground.table.get(pid);
  const markers = await reader.markers(pid);
  if (
    candidate &&
    (isDetachedPart(candidate, markers, ground) || mayBePart(candidate, markers, ground))
  ) {
    return { kind: 'accepted' };
  }
  const search = await findOrphan(reader, pid, ground);
  const who = `port ${port} is held by process ${pid} (${withoutLogins(command)})`;
  if (search.kind === 'orphan') {
    return { kind: 'orphan', detail: `${who}, a left-over of ${app.name}`, lives: search.tree };
  }
  return { kind: 'stranger', detail: `${who}, which is not ${app.name}: ${search.missing}` };
}

/** Where nobody can read whose it is, a process younger than the app may be its own: no guess. */
function mayBePart(
  candidate: ProcessFacts,
  markers: Markers | null,
  { table, app }: Case,
): boolean {
  const root = table.get(app.pid);
  const isOtherUser = app.uid !== null && candidate.uid !== null && candidate.uid !== app.uid;
  if (markers !== null || root === undefined || isOtherUser) return false;
  return candidate.startedAtMs >= root.startedAtMs;
}

/** Nobody listens where we ask: does the app listen on another address, or on one of the next ports? */
async function elsewhere(
  app: Observation,
  appAt: readonly string[],
  port: number,
  addresses: readonly string[],
  table: ProcessTable,
  reader: OsReader,
): Promise<Holder> {
  if (appAt.length > 0) {
    const detail = `${app.name} listens on ${appAt.join(' and ')} port ${port}, not on ${addresses.join(' or ')}: probe it there, or set its host`;
    return { kind: 'elsewhere', detail };
  }
  const own = await reader.listenersOf(pidsIn(table, [app.pid]), SHARED_MS);
  const drifted = own?.find((each) => each.port > port && each.port <= port + DRIFT_PORTS);
  if (drifted === undefined) return { kind: 'accepted' };
  const detail = `${app.name} listens on port ${drifted.port}, not on ${port}: add --strictPort, or correct the port`;
  return { kind: 'drifted', detail };
}
