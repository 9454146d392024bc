import { endpointOf as addressesOf } from '../probe/net/endpoint.ts';
import { socketOf } from '../text/socket-path.ts';
import type { ProbeOptions } from '../probe/probe.ts';
import { withTimeout } from '../time/deadline.ts';

/** The address and port of a probe; of a socket the path is the only address, and the port is 0. */
export interface Endpoint {
  readonly port: number;
  readonly addresses: readonly string[];
}

/** How long a name may take to resolve, used where no answer shows the address. */
const RESOLVE_MS = 2_000;

/** The endpoint of a probe; null where it has none, and for a host name that must be resolved. */
export function endpointOf(options: ProbeOptions): Endpoint | null {
  const asked = askedAt(options);
  if (asked === null) return null;
  const { port, host } = asked;
  const found = addressesOf(host);
  return found.kind === 'fixed' ? { port, addresses: found.addresses.map(reachedBy) } : null;
}

/** The port of a probe; null where it has none. */
export function portOf(options: ProbeOptions): number | null {
  return socketOf(options) === undefined ? (askedAt(options)?.port ?? null) : null;
}

/** The place for a sentence: `port 5173` or `socket /run/api.sock`. */
export function placeText({ port, addresses }: Endpoint): string {
  return port === 0 ? `socket ${addresses.join(' and ')}` : `port ${port}`;
}

/** True where two probes connect to the same host and port, or socket. */
export function isSamePlace(one: ProbeOptions, other: ProbeOptions): boolean {
  if (one === other) return true;
  const [a, b] = [askedAt(one), askedAt(other)];
  return a?.host === b?.host && a?.port === b?.port;
}

/**
 * Does what `endpointOf` does, and resolves names as the probe does; a text says why that failed. Null
 * where the probe has no endpoint. `from`, the address that answered, is always one of the addresses.
 */
export async function locate(
  options: ProbeOptions,
  from: string | undefined,
): Promise<Endpoint | string | null> {
  const asked = askedAt(options);
  if (asked === null) return null;
  const known = endpointOf(options);
  if (known !== null) return known;
  const found = await resolve(asked.host);
  if (typeof found === 'string' && from === undefined) return found;
  const addresses = typeof found === 'string' ? [] : found.map(reachedBy);
  const all = new Set(from === undefined ? addresses : [...addresses, from]);
  return { port: asked.port, addresses: [...all] };
}

/** The address that a connection to a wildcard address reaches; any other address as it is. */
export function reachedBy(address: string): string {
  if (address === '0.0.0.0') return '127.0.0.1';
  return address === '::' ? '::1' : address;
}

/** The same settings with the probe limited to the addresses `only`; undefined changes nothing. */
export function limitToAddresses<Config extends { readonly probe: ProbeOptions }>(
  config: Config,
  only: readonly string[] | undefined,
): Config {
  const { probe } = config;
  if (only === undefined || probe.type === 'exec' || probe.type === 'heartbeat') return config;
  return { ...config, probe: { ...probe, addresses: only } };
}

async function resolve(host: string): Promise<readonly string[] | string> {
  const endpoint = addressesOf(host);
  if (endpoint.kind === 'fixed') return endpoint.addresses;
  const addresses = endpoint.lookUp().catch(() => `${host} does not resolve`);
  return withTimeout(addresses, RESOLVE_MS, `${host} did not resolve in time`);
}

function askedAt(options: ProbeOptions): { readonly host: string; readonly port: number } | null {
  const socket = socketOf(options);
  if (socket !== undefined) return { host: socket, port: 0 };
  switch (options.type) {
    case 'exec':
    case 'heartbeat':
      return null;
    case 'tcp':
      return { host: options.host, port: options.port };
    case 'http':
    case 'vite':
    case 'websocket': {
      const { hostname, port, protocol } = new URL(options.url);
      const fallback = protocol === 'https:' || protocol === 'wss:' ? 443 : 80;
      return { host: hostname, port: port === '' ? fallback : Number(port) };
    }
  }
}
