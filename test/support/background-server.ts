import { readFileSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { freePort, type App, type Pm2Sandbox } from './pm2-sandbox.ts';
import type { Stage } from './scenario.ts';

/** A server that runs on by itself, and needs two seconds to save everything before it exits. */
const SERVER = `
import { createServer } from 'node:http';
import { writeFileSync } from 'node:fs';
const { PORT, PID_FILE } = process.env;
process.on('SIGTERM', () => setTimeout(() => {
  writeFileSync(PID_FILE + '.flushed', '');
  process.exit(0);
}, 2_000));
createServer((request, response) => response.end('answer')).listen(Number(PORT), '127.0.0.1', () =>
  writeFileSync(PID_FILE, String(process.pid)));
`;

/** Starts it unless it runs, as a script around nginx or pg_ctl does; then exits, or watches it. */
const SCRIPT = `
import { spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
const { PID_FILE, SERVER_FILE, WATCHES } = process.env;
const runs = () => { try { return process.kill(Number(readFileSync(PID_FILE, 'utf8')), 0); } catch { return false; } };
// Its parent exits at once, so that it has no parent, as a daemon that forks twice.
const start = () => spawn('sh', ['-c', '"$0" "$1" >/dev/null 2>&1 &', process.execPath, SERVER_FILE],
  { detached: true, stdio: 'ignore' }).unref();
if (!runs()) start();
if (WATCHES) setInterval(() => { if (!runs()) start(); }, 1_000);
else setTimeout(() => process.exit(0), 300);
`;

/** True while a process of this pid is there. */
export function isThere(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}

/** An app whose script starts a server in the background. */
interface BackgroundServer {
  readonly app: App;
  readonly url: string;
  /** The server's own process; 0 before it has one. */
  readonly pid: () => number;
}

/** Not started yet; what it starts is stopped with the stage. */
export async function backgroundServer(
  stage: Stage,
  sandbox: Pm2Sandbox,
  name: string,
  isWatching: boolean,
  fields: Readonly<Record<string, unknown>> = {},
): Promise<BackgroundServer> {
  const path = join(sandbox.home, name);
  const port = String(await freePort());
  await writeFile(`${path}.server.mjs`, SERVER);
  await writeFile(`${path}.mjs`, SCRIPT);
  const env = {
    PORT: port,
    PID_FILE: `${path}.server.pid`,
    SERVER_FILE: `${path}.server.mjs`,
    ...(isWatching && { WATCHES: 'yes' }),
  };
  const pid = (): number => {
    try {
      return Number(readFileSync(env.PID_FILE, 'utf8'));
    } catch {
      return 0;
    }
  };
  stage.defer(() => {
    if (pid() > 1 && isThere(pid())) process.kill(pid(), 'SIGKILL');
  });
  const fast = { period: '500ms', fastPeriod: '300ms', startupPeriod: '200ms', timeout: '1s' };
  // Until its start is over, the script may come to need the port.
  const startupTimeout = '15s';
  const env_liveness = { http: 'http://127.0.0.1:${PORT}/', ...fast, startupTimeout };
  const app = { name, script: `${path}.mjs`, env, env_liveness, ...fields };
  return { app, url: `http://127.0.0.1:${port}/`, pid };
}
