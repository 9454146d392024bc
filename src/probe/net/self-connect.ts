import type { Socket } from 'node:net';

/**
 * True where a connection has reached itself. For a port of the ephemeral range on which nothing listens,
 * Linux sometimes picks the same port as the source, and connects it to itself (TCP's simultaneous open).
 * This looks like an accept, but means a refusal.
 */
export function isSelfConnected(socket: Socket, port: number): boolean {
  return socket.localPort === port && socket.localAddress === socket.remoteAddress;
}

/** The error of a refused connection. */
export function refusal(): Error {
  return Object.assign(new Error('connected to itself'), { code: 'ECONNREFUSED' });
}
