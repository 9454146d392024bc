import type { Socket } from 'node:net';

/**
 * Whether a connection has met itself: asked for a port in the ephemeral range where nothing
 * listens, Linux now and then picks that very port as the source and connects it to itself (TCP's
 * simultaneous open). It looks like an accept and is a refusal.
 */
export function isSelfConnected(socket: Socket, port: number): boolean {
  return socket.localPort === port && socket.localAddress === socket.remoteAddress;
}

/** The error that a connect to nobody ends with. */
export function refusal(): Error {
  return Object.assign(new Error('connected to itself'), { code: 'ECONNREFUSED' });
}
