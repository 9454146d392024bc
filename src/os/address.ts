import { isIPv4, isIPv6, SocketAddress } from 'node:net';
import { networkInterfaces } from 'node:os';
import type { Listener } from './os-reader.ts';

/** The canonical text of an IP address (IPv4-mapped as IPv4, no zone); null for anything else. */
export function canonicalAddress(text: string): string | null {
  if (isIPv4(text)) return text;
  const bare = text.replace(/^\[(.*)\]$/s, '$1').replace(/%.*$/s, '');
  if (!isIPv6(bare)) return null;
  const { address } = new SocketAddress({ address: bare, family: 'ipv6' });
  const mapped = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/i.exec(address)?.[1];
  return mapped ?? address;
}

/** True for an address that is reached only from this machine. */
export function isLoopback(address: string): boolean {
  return address === '::1' || address.startsWith('127.');
}

/** The present addresses of this machine's interfaces, as `ownerAt` needs them. */
export function localAddresses(): readonly string[] {
  return Object.values(networkInterfaces()).flatMap(
    (addresses) => addresses?.map(({ address }) => address) ?? [],
  );
}

/**
 * The listeners of a port that get a connection to `target`: an exact address goes before a wildcard, no
 * matter which began first, and `::` takes IPv4 too where nothing else does. Several remain only with
 * SO_REUSEPORT, when the kernel picks one for each connection.
 */
export function listenersAt(listeners: readonly Listener[], target: string): readonly Listener[] {
  const tiers = isIPv4(target) ? [target, '0.0.0.0', '::'] : [target, '::'];
  for (const tier of tiers) {
    const found = listeners.filter(({ address }) => address === tier);
    if (found.length > 0) return found;
  }
  return [];
}
