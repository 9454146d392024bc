import type { Server } from 'node:http';

const CLOSE_MS = 1_000;

/** Starts to listen. Rejects with Node's error (EADDRINUSE) where that fails. */
export function listen(server: Server, path: string): Promise<void> {
  return new Promise((resolve, reject) => {
    const fail = (error: Error): void => reject(error);
    server.once('error', fail);
    // Exclusive: in PM2's cluster mode the daemon would get the socket, which then outlives us.
    server.listen({ path, exclusive: true }, () => {
      server.off('error', fail);
      // A failed accept (EMFILE) costs only that client.
      server.on('error', () => undefined);
      resolve();
    });
  });
}

/** Stops listening and closes every connection. Idempotent; never rejects. */
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
