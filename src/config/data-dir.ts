import { join } from 'node:path';

/** Our folder in a PM2_HOME: state, journal, settings and, where its path is short enough, the socket. */
export function dataDir(pm2Home: string): string {
  return join(pm2Home, 'pm2-liveness');
}
