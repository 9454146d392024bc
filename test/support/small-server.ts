import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { freePort, type App, type Pm2Sandbox } from './pm2-sandbox.ts';

/** Answers 200 to everything; with `BROKEN` in its environment 500. */
const SOURCE = `
import { createServer } from 'node:http';
createServer((request, response) => {
  response.statusCode = process.env.BROKEN ? 500 : 200;
  response.end('answer');
}).listen(Number(process.env.PORT), '127.0.0.1');
`;

const FAST = {
  period: '300ms',
  timeout: '500ms',
  fastPeriod: '200ms',
  startupPeriod: '100ms',
  failureThreshold: 2,
};

/** A small server as an app that is watched closely; `block` adds to its settings. */
export async function smallServer(
  sandbox: Pm2Sandbox,
  name: string,
  block: Readonly<Record<string, unknown>> = {},
  env: Readonly<Record<string, string>> = {},
): Promise<App> {
  const script = join(sandbox.home, `${name}.mjs`);
  const port = await freePort();
  await writeFile(script, SOURCE);
  return {
    name,
    script,
    env: { PORT: String(port), ...env },
    env_liveness: { http: 'http://127.0.0.1:${PORT}/', ...FAST, ...block },
  };
}

/** The port of a small server. */
export function portOf({ env }: App): number {
  return Number(env?.['PORT']);
}
