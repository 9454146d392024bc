import { resolve } from 'node:path';

/** The path of a Unix socket, with or without `unix:`, or of a Windows pipe. */
const SOCKET = /^(?:unix:(?:\/\/)?)?(\.{0,2}\/.+|\\\\.+)$/is;

/** The absolute path of a socket that a person typed; undefined for any other word. */
export function socketIn(word: string): string | undefined {
  const path = SOCKET.exec(word)?.[1];
  return path === undefined ? undefined : resolve(path);
}

/** The address in `tcp://host:port`; undefined for any other word. */
export function tcpAddressIn(word: string): string | undefined {
  return /^tcp:\/\/(.*?)\/?$/is.exec(word)?.[1];
}

/** True for a ws or wss URL. */
export function isWebSocketUrl(word: string): boolean {
  return /^wss?:\/\//i.test(word);
}
