import { isIP } from 'node:net';
import { isLoopback } from '../config/listen-address.ts';

/**
 * Whether a request was meant for us, by its header `host`. A page of another site can give its own name our
 * address (DNS rebinding); its requests then have that name. The port does not matter, because a forwarded one
 * (`ssh -L`) is another. Without the header no browser sent it: HTTP/1.0, as load balancers speak.
 */
export function isOwnHost(header: string | undefined, ownHost: string): boolean {
  if (header === undefined) return true;
  const [, bracketed, plain] = /^(?:\[([^[\]]+)\]|([^:[\]]+))(?::\d{1,5})?$/.exec(header) ?? [];
  const host = (bracketed ?? plain)?.toLowerCase();
  if (host === undefined) return false;
  return (
    host === 'localhost' || host === ownHost.toLowerCase() || (isIP(host) !== 0 && isLoopback(host))
  );
}
