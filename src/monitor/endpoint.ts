import { isIP } from 'node:net';
import type { ProbeOptions } from '../probe/probe.ts';

/** Where a probe asks, when that is an address whose owner this machine can tell. */
export interface Endpoint {
  readonly port: number;
  readonly addresses: readonly string[];
}

/** The endpoint of a probe; null where it asks none, and for a name that only a resolver knows. */
export function endpointOf(options: ProbeOptions): Endpoint | null {
  switch (options.type) {
    case 'exec':
    case 'heartbeat':
      return null;
    case 'tcp':
      return at(options.host, options.port);
    case 'http':
    case 'vite':
    case 'websocket': {
      const { hostname, port, protocol } = new URL(options.url);
      const fallback = protocol === 'https:' || protocol === 'wss:' ? 443 : 80;
      return at(hostname.replace(/^\[|\]$/g, ''), port === '' ? fallback : Number(port));
    }
  }
}

function at(host: string, port: number): Endpoint | null {
  if (host === 'localhost') return { port, addresses: ['127.0.0.1', '::1'] };
  if (host === '0.0.0.0') return { port, addresses: ['127.0.0.1'] };
  if (host === '::') return { port, addresses: ['::1'] };
  return isIP(host) === 0 ? null : { port, addresses: [host] };
}
