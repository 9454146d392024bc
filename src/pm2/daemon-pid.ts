import { readFile } from 'node:fs/promises';
import { join } from 'node:path';

/** The pid of the PM2 daemon of a PM2_HOME, from its pid file; 0 where there is none. */
export async function daemonPidOf(pm2Home: string): Promise<number> {
  const text = await readFile(join(pm2Home, 'pm2.pid'), 'utf8').catch(() => '');
  return /^\d{1,10}$/.test(text.trim()) ? Number(text) : 0;
}
