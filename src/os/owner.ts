import { isIPv4 } from 'node:net';
import { canonicalAddress, isLoopback, listenersAt } from './address.ts';
import type { Listener, ListeningSocket, ProcessTable } from './os-reader.ts';
import { isSocketPath } from '../text/socket-path.ts';
import { treeOf } from './tree.ts';

/** Who gets a connection to one address. */
export type Owner =
  /** The app itself, or a process that listens for it. */
  | { readonly kind: 'app'; readonly pid: number; readonly address: string }
  /** Nobody. `appAt`: other addresses at which the app has this port. */
  | { readonly kind: 'none'; readonly appAt: readonly string[] }
  | {
      readonly kind: 'stranger';
      readonly pid: number;
      readonly command: string;
      readonly address: string;
    }
  /** A process that we may not see, and surely not the app. `uid` is the socket's, if known. */
  | { readonly kind: 'outsider'; readonly uid: number | null; readonly address: string }
  /** A process that we may not see; it may be the app. */
  | { readonly kind: 'hidden'; readonly address: string }
  | { readonly kind: 'unknown'; readonly reason: string };

/** The facts for `ownerAt`. Read the table after the listeners, with their commands. */
export interface OwnerEvidence {
  readonly listeners: readonly Listener[] | null;
  readonly table: ProcessTable | null;
  /** PM2's pids of the app: one, or those of all its instances behind the port. */
  readonly rootPids: readonly number[];
  /** Pids that may listen for the app: in cluster mode the PM2 daemon, which holds the socket. */
  readonly alsoLegitimate?: readonly number[];
  /** The machine's own addresses, without loopback. Other machines are not judged. */
  readonly localAddresses: readonly string[];
  /** The sockets at that port, which show their users; absent where the platform does not list them. */
  readonly sockets?: readonly ListeningSocket[];
  /** The app's pids whose descriptors we may not see; absent where the platform does not show this. */
  readonly closed?: readonly number[];
  /** True where `::` was seen to refuse IPv4 (IPV6_V6ONLY), which the system does not show. */
  readonly isIpv6Only?: boolean;
}

/** Finds who answers on `address`: an IP address or the path of a Unix socket, not a name. */
export function ownerAt(facts: OwnerEvidence, address: string): Owner {
  const target = isSocketPath(address) ? address : canonicalAddress(address);
  if (target === null) return unknown(`${address} is not an IP address`);
  if (!isThisMachine(target, facts.localAddresses))
    return unknown(`${address} is not on this machine`);
  const { listeners, table } = facts;
  if (listeners === null) return unknown('this system does not show which process listens');
  if (table === null) return unknown('this system does not show its processes');
  const owners = listeners.map((listener) => ownerOf(listener, table, facts));
  const owned = new Map(listeners.map((listener, index) => [listener, owners[index]]));
  const here = listenersAt(listeners, target)
    .filter(({ address: at }) => !(facts.isIpv6Only && at === '::' && isIPv4(target)))
    .map((listener) => owned.get(listener));
  if (here.length > 0) return isSocketPath(target) ? ofSocket(here) : mostSevere(here);
  return { kind: 'none', appAt: owners.flatMap((owner) => addressOfApp(owner)) };
}

/** True for an IP address of this machine, and for the path of a Unix socket. */
export function isThisMachine(address: string, localAddresses: readonly string[]): boolean {
  if (isSocketPath(address)) return true;
  const target = canonicalAddress(address);
  if (target === null) return false;
  return isLoopback(target) || localAddresses.some((own) => canonicalAddress(own) === target);
}

/** Finds who answers on each address of a target: `localhost` has two, and each may have another owner. */
export function ownersAt(
  facts: OwnerEvidence,
  addresses: readonly string[],
): readonly { readonly address: string; readonly owner: Owner }[] {
  return addresses.map((address) => ({ address, owner: ownerAt(facts, address) }));
}

/** The pids that may listen for the app. */
export function ownPids(
  table: ProcessTable,
  facts: Pick<OwnerEvidence, 'rootPids' | 'alsoLegitimate'>,
): readonly number[] {
  return [...legitimateIn(table, facts)];
}

/**
 * The owner to act on. A stranger on any address comes first, because some clients reach it; then a process
 * that we may not see. An address without a listener does not matter while the app has another.
 */
export function mostSevere(owners: readonly (Owner | undefined)[]): Owner {
  for (const kind of ['stranger', 'outsider', 'hidden', 'unknown', 'app', 'none'] as const) {
    const found = owners.find((owner) => owner?.kind === kind);
    if (found !== undefined) return found;
  }
  return unknown('no address was asked');
}

/**
 * The owner of a socket. Several processes may hold it; it is the app's where one of them is, because systemd
 * keeps a copy of a socket that it passes on.
 */
function ownerOf({ address, pids }: Listener, table: ProcessTable, facts: OwnerEvidence): Owner {
  if (pids === null || pids.length === 0) return unseen(address, table, facts);
  const legitimate = legitimateIn(table, facts);
  const own = pids.find((pid) => legitimate.has(pid));
  if (own !== undefined) return { kind: 'app', pid: own, address };
  // A root that is not in the table has just exited or is hidden: its tree is not known.
  const lost = facts.rootPids.find((pid) => pid > 0 && !table.has(pid));
  if (lost !== undefined) return unknown(`the app's process ${lost} cannot be seen`);
  const stranger = pids.map((pid) => table.get(pid)).find((process) => process !== undefined);
  if (stranger === undefined) return unknown(`process ${pids.join(', ')} has just gone`);
  return { kind: 'stranger', pid: stranger.pid, command: stranger.command, address };
}

/**
 * The owner of a socket whose holder we may not see. Where all processes of the app show their sockets, it is
 * not the app's. Where one does not (sudo, a program with capabilities), the socket's user decides.
 */
function unseen(address: string, table: ProcessTable, facts: OwnerEvidence): Owner {
  const lost = facts.rootPids.find((pid) => pid > 0 && !table.has(pid));
  if (lost !== undefined) return unknown(`the app's process ${lost} cannot be seen`);
  // A process whose first thread has ended shows no descriptors, and its other threads may still hold them.
  const ended = facts.rootPids.find((pid) => table.get(pid)?.state === 'zombie');
  if (ended !== undefined) return unknown(`the app's process ${ended} is about to end`);
  const uids = facts.sockets?.filter((socket) => socket.address === address).map(({ uid }) => uid);
  const uid = uids?.[0] ?? null;
  if (facts.closed === undefined) return { kind: 'hidden', address };
  const may = facts.closed.map((pid) => table.get(pid));
  // A program with another effective user (setuid) shows only its real one.
  const isOne = may.some(
    (process) => process && (uid === null || uid === 0 || process.uid === uid),
  );
  return isOne ? { kind: 'hidden', address } : { kind: 'outsider', uid, address };
}

/**
 * The owner of a Unix socket. A program that starts removes the file of an older one, which still listens then
 * but is not reached any more. The system does not show which of them has the file.
 */
function ofSocket(owners: readonly (Owner | undefined)[]): Owner {
  return owners.find((owner) => owner?.kind === 'app') ?? mostSevere(owners);
}

/** The processes that may listen for the app. */
function legitimateIn(
  table: ProcessTable,
  facts: Pick<OwnerEvidence, 'rootPids' | 'alsoLegitimate'>,
): ReadonlySet<number> {
  const legitimate = new Set([...facts.rootPids, ...(facts.alsoLegitimate ?? [])]);
  for (const rootPid of facts.rootPids) {
    for (const { pid } of treeOf(table, rootPid)) legitimate.add(pid);
  }
  return legitimate;
}

function addressOfApp(owner: Owner): string[] {
  return owner.kind === 'app' ? [owner.address] : [];
}

function unknown(reason: string): Owner {
  return { kind: 'unknown', reason };
}
