import { createConnection } from 'node:net';
import { join } from 'node:path';
import { LivenessError, messageOf } from '../errors.ts';
import { callPm2 } from './call.ts';

const CONNECT_MS = 5_000;

/**
 * Throws ERR_PM2_UNAVAILABLE where no daemon answers. PM2's `connect()` would start one, so this checks
 * first, without the pm2 package, which makes folders in PM2_HOME as soon as it is loaded.
 */
export async function checkDaemon(pm2Home: string): Promise<void> {
  const path = process.platform === 'win32' ? '\\\\.\\pipe\\rpc.sock' : join(pm2Home, 'rpc.sock');
  await callPm2('reach the PM2 daemon', CONNECT_MS, (done) => {
    const socket = createConnection(path);
    socket.once('connect', () => done(null));
    socket.once('error', done);
    socket.once('connect', () => socket.destroy());
  }).catch((cause: unknown) => {
    const message = `no PM2 daemon answers at ${path} (${messageOf(cause)})`;
    throw new LivenessError('ERR_PM2_UNAVAILABLE', message, { cause });
  });
}
