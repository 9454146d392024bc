import { resolve } from 'node:path';
import { isPipePath } from '../../text/socket-path.ts';

/** The path of a Unix socket, with or without `unix:`, or of a Windows pipe. */
const SOCKET = /^(?:unix:(?:\/\/)?)?(\.{0,2}\/.+|\\\\.+)$/is;

/** The absolute path of a socket, or the pipe, that a person typed; undefined for any other word. */
export function socketIn(word: string): string | undefined {
  const path = SOCKET.exec(word)?.[1];
  // A pipe is not in a folder, and has its whole name already.
  if (path === undefined || isPipePath(path)) return path;
  return resolve(path);
}

/** The address in `tcp://host:port`; undefined for any other word. */
export function tcpAddressIn(word: string): string | undefined {
  return /^tcp:\/\/(.*?)\/?$/is.exec(word)?.[1];
}

/** True for a ws or wss URL. */
export function isWebSocketUrl(word: string): boolean {
  return /^wss?:\/\//i.test(word);
}
