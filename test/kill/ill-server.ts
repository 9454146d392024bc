import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { LivenessBlock } from '../../src/index.ts';
import { freePort, type App, type Pm2Sandbox } from '../support/pm2-sandbox.ts';

/**
 * `errs` answers 500 forever, so that its breaker opens and trials follow. `fades` is well for a moment after
 * each start and then hangs, so that each of its restarts counts as one that helped.
 */
export type Illness = 'errs' | 'fades';

const WELL_MS = 600;
const SOURCE = `
import { createServer } from 'node:http';
const [illness, port] = process.argv.slice(2);
const bornAt = performance.now();
createServer((request, response) => {
  if (illness === 'errs') response.statusCode = 500;
  if (illness === 'fades' && performance.now() - bornAt > ${WELL_MS}) return;
  response.end('answer');
}).listen(Number(port), '127.0.0.1');
`;

/** Short enough that a run of the monitor of a second or two sees enough of it. */
const QUICK = {
  period: '300ms',
  fastPeriod: '150ms',
  startupPeriod: '100ms',
  startupTimeout: '300ms',
  timeout: '200ms',
  failureThreshold: 2,
  busyGrace: '0ms',
} as const;

/** A small server that no restart fixes for long, watched closely; its name is its fault. */
export async function illServer(
  sandbox: Pm2Sandbox,
  illness: Illness,
  restarts: NonNullable<LivenessBlock['restarts']>,
): Promise<App> {
  const script = join(sandbox.home, `${illness}.mjs`);
  const port = await freePort();
  await writeFile(script, SOURCE);
  return {
    name: illness,
    script,
    args: [illness, String(port)],
    env_liveness: { http: `http://127.0.0.1:${port}/`, ...QUICK, restarts },
  };
}
