import type { Server } from 'node:http';

const CLOSE_MS = 1_000;

/** Starts to listen; rejects with Node's error (EADDRINUSE) where that fails. */
export function listen(server: Server, path: string): Promise<void> {
  return new Promise((resolve, reject) => {
    const fail = (error: Error): void => reject(error);
    server.once('error', fail);
    // Exclusive: a PM2 cluster would hand the socket to the daemon, and it would outlive us.
    server.listen({ path, exclusive: true }, () => {
      server.off('error', fail);
      // A failed accept (EMFILE) is the client's loss.
      server.on('error', () => undefined);
      resolve();
    });
  });
}

/** Stops listening at once and breaks off every connection. Idempotent; never throws. */
export function closeServer(server: Server): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(resolve, CLOSE_MS);
    server.close(() => {
      clearTimeout(timer);
      resolve();
    });
    server.closeAllConnections();
  });
}
