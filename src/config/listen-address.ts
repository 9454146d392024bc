import { isIPv6 } from 'node:net';
import { badValue } from './bad-value.ts';
import { parseHost, parsePort, splitAddress } from './schema/address.ts';
import { urlHost } from '../text/url-host.ts';
import type { SecretText } from './secrets/secret-text.ts';

/** Where the listener waits for requests; the host without brackets. */
export interface ListenAddress {
  readonly host: string;
  readonly port: number;
}

/** The address of the listener, and the secret that opens it. */
export interface ListenerSource {
  /** Null where it is off. */
  readonly address: ListenAddress | null;
  /** Null for none; there always is one beyond loopback. */
  readonly token: SecretText | null;
}

/** Shorter ones could be guessed. */
export const SHORTEST_TOKEN = 16;

const LONGEST_TOKEN = 512;

const WANT = "write a port like '9616', or 'host:port' like '127.0.0.1:9616' or '[::1]:9616'";

/** A port alone means loopback. Throws ERR_CONFIG. */
export function parseListenAddress(input: unknown): ListenAddress {
  if (typeof input === 'number' || (typeof input === 'string' && /^\d+$/.test(input))) {
    return { host: '127.0.0.1', port: parsePort(input) };
  }
  if (typeof input !== 'string' || !input.includes(':')) throw badValue(input, WANT);
  const { host, port } = splitAddress(input);
  // Its address decides whether it is loopback, and the hosts file can say anything.
  if (host.toLowerCase() === 'localhost') return { host: '127.0.0.1', port: parsePort(port) };
  return { host: parseHost(host), port: parsePort(port) };
}

/** Whether only programs of this machine reach an address; false for a name, whose address may change. */
export function isLoopback(host: string): boolean {
  if (/^127(?:\.\d{1,3}){3}$/.test(host)) return true;
  return isIPv6(host) && /^(?:0*:)+0*1$/.test(host);
}

/** The first part of every URL of the listener. */
export function listenUrl({ host, port }: ListenAddress): string {
  return `http://${urlHost(host)}:${port}`;
}

/** Why a token cannot be used, without any part of it; null where it can. */
export function tokenProblem(token: string): string | null {
  if (token.length < SHORTEST_TOKEN) {
    return `got ${token.length} characters, wanted at least ${SHORTEST_TOKEN}; make one with \`openssl rand -hex 16\``;
  }
  if (token.length > LONGEST_TOKEN) return `got more than ${LONGEST_TOKEN} characters`;
  // Each goes into a header and a URL as it is.
  if (!/^[\w.~+/=-]+$/.test(token)) {
    return 'got a character that does not fit into a header, wanted letters, digits and . _ ~ + / = -; make one with `openssl rand -hex 16`';
  }
  return null;
}
