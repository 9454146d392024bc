import { createServer } from 'node:net';
import { freePort } from './pm2-sandbox.ts';
import { until } from './until.ts';

/** The first of `count` ports in a row that were free a moment ago. */
export async function freePorts(count: number): Promise<number> {
  return until('free ports in a row', async () => {
    const base = await freePort();
    const all = Array.from({ length: count }, (_, nth) => isFree(base + nth));
    return (await Promise.all(all)).every(Boolean) ? base : null;
  });
}

function isFree(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once('error', () => resolve(false));
    server.listen(port, '127.0.0.1', () => server.close(() => resolve(true)));
  });
}
