import { isIP } from 'node:net';
import { lookup } from 'node:dns/promises';
import { isSocketPath } from '../../text/socket-path.ts';

/** The loopback address of each family, in the order in which they are tried for `localhost`. */
const LOOPBACK = ['127.0.0.1', '::1'] as const;

/** At most this many addresses are tried: a probe must not become a port scan. */
const MAX_ADDRESSES = 4;

/** The addresses of a host, known at once (`fixed`) or only after a look-up. */
export type Endpoint =
  | { readonly kind: 'fixed'; readonly addresses: readonly string[] }
  | { readonly kind: 'named'; readonly lookUp: () => Promise<readonly string[]> };

/**
 * The addresses of `host`. `localhost` and names under it (RFC 6761 §6.3) are always both loopback addresses,
 * independent of the hosts file: a dev server binds one of them, depending on its version. The path of a socket
 * is its own only address. Later runs share a
 * look-up that hangs, because it cannot be cancelled, and each one holds a thread of Node's small pool. Where
 * `instead` is given, these addresses are asked, with any host.
 */
export function endpointOf(host: string, instead?: readonly string[]): Endpoint {
  if (instead !== undefined) return { kind: 'fixed', addresses: instead };
  if (isSocketPath(host)) return { kind: 'fixed', addresses: [host] };
  const name = host.replace(/^\[(.*)\]$/, '$1').toLowerCase();
  if (isIP(name) !== 0) return { kind: 'fixed', addresses: [name] };
  if (isLoopbackName(name)) return { kind: 'fixed', addresses: LOOPBACK };

  let underWay: Promise<readonly string[]> | undefined;
  const lookUp = (): Promise<readonly string[]> => {
    underWay ??= resolveName(name).finally(() => {
      underWay = undefined;
    });
    return underWay;
  };
  return { kind: 'named', lookUp };
}

/** An address and port as people write them: `127.0.0.1:5173`, `[::1]:5173`. */
export function formatEndpoint(address: string, port: number): string {
  if (isSocketPath(address)) return address;
  // Only IPv6 addresses have a colon.
  return address.includes(':') ? `[${address}]:${port}` : `${address}:${port}`;
}

/** How Node connects to an address and port, or to a socket, which has no port. */
export function placeOf(
  address: string,
  port: number,
): { readonly host: string; readonly port: number } | { readonly path: string } {
  return isSocketPath(address) ? { path: address } : { host: address, port };
}

/** True for a name that always means this machine. */
function isLoopbackName(name: string): boolean {
  const bare = name.replace(/\.$/, '');
  return bare === 'localhost' || bare.endsWith('.localhost');
}

/** The system's own resolution, in the order it prefers. */
async function resolveName(name: string): Promise<readonly string[]> {
  const found = await lookup(name, { all: true, verbatim: true });
  return [...new Set(found.map((entry) => entry.address))].slice(0, MAX_ADDRESSES);
}
