import { createConnection, type Socket } from 'node:net';
import { join } from 'node:path';
import { codeOf, LivenessError, messageOf } from '../errors.ts';
import { withDeadline } from '../time/deadline.ts';

const CONNECT_MS = 5_000;

/**
 * Throws ERR_PM2_UNAVAILABLE where no daemon answers. PM2's `connect()` would start one, so this checks
 * first, without the pm2 package, which makes folders in PM2_HOME as soon as it is loaded.
 */
export async function checkDaemon(pm2Home: string): Promise<void> {
  const path = process.platform === 'win32' ? '\\\\.\\pipe\\rpc.sock' : join(pm2Home, 'rpc.sock');
  const socket = createConnection(path);
  const late = (): Error => new Error(`no connection within ${CONNECT_MS} ms`);
  try {
    await withDeadline(connected(socket), CONNECT_MS, late);
  } catch (cause) {
    const message = `no PM2 daemon answers at ${path} (${reasonOf(cause)})`;
    throw new LivenessError('ERR_PM2_UNAVAILABLE', message, { cause });
  } finally {
    socket.destroy();
  }
}

/** Resolves at the connection. The listener for errors stays, so that a later one is not thrown. */
function connected(socket: Socket): Promise<void> {
  return new Promise((resolve, reject) => {
    socket.once('connect', resolve);
    socket.on('error', reject);
  });
}

/** What the usual errors mean; Node's own text says the path once more. */
function reasonOf(error: unknown): string {
  switch (codeOf(error)) {
    case 'ENOENT':
      return 'the socket does not exist';
    case 'ECONNREFUSED':
      return 'nothing listens on the socket';
    case 'EACCES':
    case 'EPERM':
      return 'this user may not open the socket';
    case undefined:
    default:
      return messageOf(error);
  }
}
