import type { Socket } from 'node:net';
import { closePayload, encodeFrame, MAX_RECEIVED_BYTES } from './frames.ts';

/** How long the server may take to answer our close frame. The answer is not used. */
const LINGER_MS = 1_000;

/** "The purpose is fulfilled" (RFC 6455 §7.4.1). */
const NORMAL_CLOSURE = 1_000;

/**
 * Closes an open WebSocket with the closing handshake, so that the app does not log a lost connection at each
 * probe. Takes a second at most in the background, and does not keep the process alive. The socket must have
 * a listener for errors.
 */
export function closeGracefully(socket: Socket): void {
  const end = (): void => {
    clearTimeout(timer);
    socket.destroy();
  };
  const timer = setTimeout(end, LINGER_MS);
  timer.unref();
  socket.unref();
  let leftBytes = MAX_RECEIVED_BYTES;
  socket.on('data', (chunk: Buffer) => {
    leftBytes -= chunk.length;
    if (leftBytes < 0) end();
  });
  socket.once('close', end);
  socket.write(encodeFrame('close', closePayload(NORMAL_CLOSURE)));
}
