import type { Socket } from 'node:net';
import { dial } from '../net/dial.ts';
import { endpointOf } from '../net/endpoint.ts';
import type { Endpoint } from '../net/endpoint.ts';
import type { AddressOptions, SocketOptions, TlsOptions } from '../probe.ts';
import { noCertificate, type SeenCertificate } from '../net/certificate.ts';
import { createTlsDialer } from '../net/tls.ts';

/** An origin for many requests; made once per probe. */
export interface HttpOrigin {
  readonly origin: string;
  readonly endpoint: Endpoint;
  readonly host: string;
  readonly port: number;
  readonly isSecure: boolean;
  /** The server's certificate; undefined where the connection has no TLS. */
  readonly certificate?: SeenCertificate | undefined;
  /** Opens a new connection. */
  readonly dial: (address: string, port: number) => Socket;
}

/** What to do with a body, decided when its status is known. */
export type BodyUse =
  /** The status is enough: the connection is closed at once. */
  | 'skip'
  /** It must be complete (or reach the cap), but is not kept. */
  | 'drain'
  /** It is kept, up to the cap. */
  | 'keep'
  /** It is kept as far as it comes within a second: the status is an answer without it. */
  | 'try';

/** One request, without its address. */
export interface HttpRequest {
  readonly method: string;
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly maxBodyBytes: number;
  readonly useBody: (status: number) => BodyUse;
  /** True where a connection that the server switches to another protocol (101) is kept and passed on. */
  readonly wantsSwitch?: boolean;
}

/** Prepares an origin for many requests. Throws on TLS options that no request can use. */
export function originOf(
  url: URL,
  { tls, addresses, socket }: AddressOptions & SocketOptions & { readonly tls?: TlsOptions } = {},
): HttpOrigin {
  const host = url.hostname.replace(/^\[(.*)\]$/, '$1');
  const isSecure = url.protocol === 'https:' || url.protocol === 'wss:';
  const port = Number(url.port) || (isSecure ? 443 : 80);
  const certificate = isSecure ? noCertificate() : undefined;
  return {
    origin: url.origin,
    endpoint: endpointOf(socket ?? host, addresses),
    host,
    port,
    isSecure,
    certificate,
    dial: certificate ? createTlsDialer(host, tls ?? {}, certificate) : dial,
  };
}

/** The path and query of a URL, for the request line. */
export function pathOf(url: URL): string {
  return `${url.pathname}${url.search}`;
}

/**
 * The headers of every request of a probe. The block's own headers win over ours, in upper or lower case.
 * Nothing is kept alive or compressed; a user and password in the URL become basic authentication.
 */
export function headersFor(
  url: URL,
  own: Readonly<Record<string, string>>,
): Readonly<Record<string, string>> {
  const headers: Record<string, string> = {
    host: url.host,
    'user-agent': 'pm2-liveness',
    accept: '*/*',
    'accept-encoding': 'identity',
    connection: 'close',
  };
  if (url.username !== '' || url.password !== '') {
    const credentials = `${decodeURIComponent(url.username)}:${decodeURIComponent(url.password)}`;
    headers['authorization'] = `Basic ${Buffer.from(credentials).toString('base64')}`;
  }
  for (const [name, value] of Object.entries(own)) headers[name.toLowerCase()] = value;
  return headers;
}
