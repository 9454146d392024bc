import assert from 'node:assert/strict';
import { spawn, type ChildProcess } from 'node:child_process';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { freePort, Pm2Sandbox, type App } from '../support/pm2-sandbox.ts';
import { listenersOn } from '../support/processes.ts';
import { holds, until } from '../support/until.ts';
import { statusOf, ViteApp } from '../support/vite-app.ts';

/** A server that answers, burns CPU for good after `/burn`, and takes 200 MB after `/grow`. */
const SERVER = `
import { createServer } from 'node:http';
let kept;
createServer((request, response) => {
  response.end('answer');
  if (request.url === '/burn') setTimeout(() => { for (;;); }, 10);
  if (request.url === '/grow') kept = Buffer.alloc(200 * 1024 * 1024, 1);
}).listen(Number(process.env.PORT), '127.0.0.1');
`;

const FAST = { period: '1s', timeout: '1s', failureThreshold: 3 } as const;

describe('who owns the port, and what its processes do', () => {
  let sandbox: Pm2Sandbox;
  let script: string;
  const children: ChildProcess[] = [];
  const apps: ViteApp[] = [];

  before(async () => {
    sandbox = await Pm2Sandbox.create();
    script = join(sandbox.home, 'server.mjs');
    await writeFile(script, SERVER);
    await sandbox.startMonitor();
  });

  after(async () => {
    for (const child of children) child.kill('SIGKILL');
    await sandbox.destroy();
    for (const app of apps) await app.destroy();
  });

  async function vite(): Promise<ViteApp> {
    const app = await ViteApp.create();
    apps.push(app);
    return app;
  }

  /** A server outside PM2 that has taken the app's port, and answers. */
  async function foreignServer(app: ViteApp): Promise<ChildProcess> {
    const foreign = spawn(process.execPath, [script], {
      env: { ...process.env, PORT: String(app.port) },
      stdio: 'ignore',
    });
    children.push(foreign);
    await until('the foreign server answers', async () => (await app.page()) === 200);
    return foreign;
  }

  async function server(
    name: string,
    block: Record<string, unknown>,
  ): Promise<App & { port: number }> {
    const port = await freePort();
    const env_liveness = { http: 'http://127.0.0.1:${PORT}/', ...FAST, ...block };
    return { name, script, port, env: { PORT: String(port) }, env_liveness };
  }

  test('with reapOrphans off an orphan is only reported', async () => {
    const app = await vite();
    const entry = app.entry('kept', { ...FAST, reapOrphans: false });
    const args = ['run', 'dev', '--', ...(entry.args ?? [])];
    await sandbox.start({ ...entry, script: 'npm', args, max_restarts: 1_000 });
    await sandbox.reaches('kept', 'healthy', 30_000);
    const [orphan] = await listenersOn(app.port);
    process.kill((await sandbox.app('kept')).pid, 'SIGKILL');
    await until('it is told', async () =>
      (await sandbox.target('kept')).summary.includes('an old process of kept'),
    );
    await holds('it is left alone', 4_000, async () => (await listenersOn(app.port))[0] === orphan);
    assert.equal((await sandbox.target('kept')).restarts.total, 0);
    await sandbox.pm2('delete', 'kept');
    if (orphan !== undefined) process.kill(orphan, 'SIGKILL');
  });

  test('an app whose processes use too much memory is restarted', async () => {
    const app = await server('large', { maxTreeMemory: '150M' });
    await sandbox.start(app);
    await sandbox.reaches('large', 'healthy');
    const { pid } = await sandbox.app('large');
    await statusOf(`http://127.0.0.1:${app.port}/grow`, 5_000);
    await until('it is restarted', async () => (await sandbox.app('large')).pid !== pid, {
      withinMs: 60_000,
    });
    assert.match(await sandbox.output('pm2-liveness'), /large: .*more than maxTreeMemory 150 MB/);
    await sandbox.reaches('large', 'healthy');
    await sandbox.pm2('delete', 'large');
  });

  test('a server that took the next port is reported with that port', async () => {
    const app = await vite();
    const foreign = await foreignServer(app);
    const entry = app.entry('drifted', FAST);
    await sandbox.start({
      ...entry,
      args: (entry.args ?? []).filter((word) => word !== '--strictPort'),
    });
    await until('the stranger is named', async () => {
      return (await sandbox.target('drifted')).summary.includes(`process ${foreign.pid}`);
    });
    // Before it has found its port taken it would take it.
    await until('it has taken another', async () => /Local/.test(await sandbox.output('drifted')));
    foreign.kill('SIGKILL');
    await until('the drift is named', async () => {
      return /(?:answers|listens) on port \d+, not on \d+: add --strictPort/.test(
        (await sandbox.target('drifted')).summary,
      );
    });
    assert.equal((await sandbox.target('drifted')).restarts.total, 0);
    await sandbox.pm2('delete', 'drifted');
  });
});
