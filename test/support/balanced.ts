import { spawn, type ChildProcess } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { askPort } from './load.ts';
import { Pm2Sandbox } from './pm2-sandbox.ts';
import { until } from './until.ts';

/**
 * Answers 200; hangs while the file `hang` is there, and takes 200 MB where it finds the file `leak`: of several
 * instances the first that sees it.
 */
const SOURCE = `
import { existsSync, rmSync } from 'node:fs';
import { createServer } from 'node:http';
const { PORT, SWITCH } = process.env;
const kept = [];
let left = 0;
setInterval(() => {
  if (existsSync(SWITCH + '.leak')) {
    rmSync(SWITCH + '.leak', { force: true });
    left = 50;
  }
  // In pieces, so that it goes on answering.
  if (left > 0) kept.push(Buffer.alloc(4_000_000, 1));
  left -= 1;
  // Used, so that the system does not take it back meanwhile.
  for (const each of kept) for (let at = 0; at < each.length; at += 4_096) each[at] += 1;
}, 40);
const server = createServer((request, response) => {
  if (existsSync(SWITCH + '.hang')) return;
  response.end('answer');
});
server.listen(Number(PORT), '127.0.0.1');
`;

/** One machine: a PM2 with the app `web` and a monitor that listens. */
export interface Side {
  readonly sandbox: Pm2Sandbox;
  readonly port: number;
  readonly http: number;
  /** The files that switch the app begin with it: `.hang`, `.leak`. */
  readonly path: string;
}

/**
 * Starts one machine, and waits until its app is healthy. `more` are fields of the app for PM2, `settings` of its
 * block.
 */
export async function startSide(
  { port, http }: Pick<Side, 'port' | 'http'>,
  more: Readonly<Record<string, unknown>> = {},
  settings: Readonly<Record<string, unknown>> = {},
): Promise<Side> {
  const sandbox = await Pm2Sandbox.create();
  const path = join(sandbox.home, 'web');
  writeFileSync(`${path}.mjs`, SOURCE);
  await sandbox.start({
    name: 'web',
    script: `${path}.mjs`,
    env: { PORT: String(port), SWITCH: path },
    env_liveness: {
      http: `http://127.0.0.1:${port}/`,
      period: '500ms',
      fastPeriod: '300ms',
      startupPeriod: '200ms',
      timeout: '500ms',
      maxTreeMemory: '160M',
      drain: '3s',
      ...settings,
    },
    ...more,
  });
  await sandbox.startMonitor({ LIVENESS_HTTP: String(http) });
  await sandbox.reaches('web', 'healthy', 60_000);
  return { sandbox, port, http, path };
}

/**
 * Debian's HAProxy in front of the sides, on three ports from `port` on: without a check, with its own as it is by
 * default, and with that of /health/web. The first side is moved away from at once; the others are to stay, though
 * their machine is busy.
 */
export async function balance(sides: readonly Side[], port: number): Promise<ChildProcess> {
  const servers = (more: (side: Side, n: number) => string): string =>
    sides.map((side, n) => `  server s${n} 127.0.0.1:${side.port} ${more(side, n)}`).join('\n');
  const [first] = sides;
  if (first === undefined) throw new Error('no side');
  const file = join(first.sandbox.home, 'haproxy.cfg');
  writeFileSync(
    file,
    `defaults
  mode http
  timeout connect 5s
  timeout client 20s
  timeout server 2s
  timeout check 1s
listen none
  bind 127.0.0.1:${port}
${servers(() => '')}
listen own
  bind 127.0.0.1:${port + 1}
  option httpchk GET /
${servers(() => 'check')}
listen ours
  bind 127.0.0.1:${port + 2}
  timeout server 10s
  option httpchk GET /health/web
${servers(({ http }, n) => `check port ${http} inter 500ms fall ${n === 0 ? 1 : 5} rise 1`)}
`,
  );
  const started = spawn('haproxy', ['-db', '-f', file], { stdio: 'ignore' });
  await until('HAProxy answers', () => askPort(port + 2).then((reason) => reason === null), {
    withinMs: 60_000,
  });
  return started;
}
