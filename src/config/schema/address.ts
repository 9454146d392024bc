import { isIP, isIPv6 } from 'node:net';
import { badValue } from '../bad-value.ts';

const HOST_NAME = /^(?=.{1,253}$)[A-Za-z0-9_]([A-Za-z0-9_.-]*[A-Za-z0-9_])?\.?$/;

/** The loopback address that reaches a server listening on this wildcard, or undefined. */
export function loopbackOf(host: string): string | undefined {
  if (host === '0.0.0.0') return '127.0.0.1';
  return /^[0:]+$/.test(host) && isIPv6(host) ? '::1' : undefined;
}

/** A host name or address to listen on or connect to; IPv6 without brackets. Throws ERR_CONFIG. */
export function parseHost(input: unknown): string {
  if (typeof input === 'string') {
    const isNumeric = /^[0-9.]+$/.test(input);
    if (isIP(input) !== 0 || (HOST_NAME.test(input) && !isNumeric)) return input;
  }
  throw badValue(input, "write a host name or address, like '127.0.0.1' or '::1'");
}

/** A host to connect to: not a wildcard such as 0.0.0.0. Throws ERR_CONFIG. */
export function parsePeer(input: unknown): string {
  const host = parseHost(input);
  const loopback = loopbackOf(host);
  if (loopback === undefined) return host;
  throw badValue(input, `that is for listening, not for connecting; write '${loopback}'`);
}

/** A port, as a number or as digits (because `${PORT}` becomes text). Throws ERR_CONFIG. */
export function parsePort(input: unknown): number {
  const isDigits = typeof input === 'string' && /^\d{1,5}$/.test(input);
  const port = isDigits ? Number(input) : input;
  if (typeof port === 'number' && Number.isInteger(port) && port >= 1 && port <= 65535) return port;
  throw badValue(input, 'write a port from 1 to 65535');
}

/** The parts of `'127.0.0.1:5432'`, `'localhost:3000'` or `'[::1]:80'`. Throws ERR_CONFIG. */
export function splitAddress(input: unknown): { readonly host: string; readonly port: string } {
  const text = typeof input === 'number' ? String(input) : input;
  if (typeof text !== 'string') throw badValue(input, "write '127.0.0.1:3000' or { host, port }");
  if (/^:?\d{1,5}$/.test(text)) {
    const advice = `write the host too: '127.0.0.1:${text.replace(':', '')}'`;
    throw badValue(input, "write the host too, like '127.0.0.1:3000'", advice);
  }
  if (/^[a-z]+:\/\//i.test(text)) throw badValue(input, "write 'host:port', without the protocol");
  const [, bracketed, plain, port] = /^(?:\[([^[\]]+)\]|([^:[\]]+)):(.*)$/s.exec(text) ?? [];
  const host = bracketed ?? plain;
  if (host === undefined || port === undefined) {
    const want = isIPv6(text.replace(/:\d+$/, '')) ? "'[::1]:80'" : "'127.0.0.1:3000'";
    throw badValue(input, `write a host and a port, like ${want}`);
  }
  return { host, port };
}
