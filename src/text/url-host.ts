import { isIPv6 } from 'node:net';

/** A host in the form of a URL: IPv6 addresses in brackets. */
export function urlHost(host: string): string {
  return isIPv6(host) ? `[${host}]` : host;
}
