import assert from 'node:assert/strict';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { createOsReader } from '../../src/os/create-reader.ts';
import { foreignServer } from '../support/foreign-server.ts';
import { freePort, type App, type Pm2Sandbox } from '../support/pm2-sandbox.ts';
import { scenario } from '../support/scenario.ts';
import { holds, until } from '../support/until.ts';
import { FAST } from '../support/watched-vite.ts';

const PAGE = `
import { createServer } from 'node:http';
const answer = String(process.pid);
createServer((request, response) => response.end(answer)).listen(Number(process.env.PORT), '127.0.0.1');
`;

interface Watched {
  readonly app: App;
  readonly url: string;
  readonly port: number;
}

/** A page that `node --watch` runs, which PM2 runs. */
async function watchedPage(sandbox: Pm2Sandbox): Promise<Watched> {
  const port = await freePort();
  const page = join(sandbox.home, 'page.mjs');
  await writeFile(page, PAGE);
  const url = `http://127.0.0.1:${port}/`;
  const app = {
    name: 'web',
    script: process.execPath,
    args: ['--watch', page],
    interpreter: 'none',
    env: { PORT: String(port) },
    env_liveness: { ...FAST, http: url },
  };
  return { app, url, port };
}

async function listenerOn(port: number): Promise<number | undefined> {
  const listeners = await createOsReader().listeners(port);
  return listeners?.flatMap(({ pids }) => pids ?? [])[0];
}

scenario(46, 'the watcher is killed, and its page stays on the port', async (stage) => {
  const sandbox = await stage.pm2();
  const { app, url, port } = await watchedPage(sandbox);
  await sandbox.start(app);
  await sandbox.reaches('web', 'healthy', 60_000);
  const old = await listenerOn(port);
  const { pid: watcher } = await sandbox.app('web');
  assert.ok(old !== undefined && old !== watcher);
  const killedAt = performance.now();
  process.kill(watcher, 'SIGKILL');
  await until(
    'a page of the new watcher has the port',
    async () => {
      const listener = await listenerOn(port);
      return listener !== undefined && listener !== old;
    },
    { withinMs: 90_000 },
  );
  const to200Ms = performance.now() - killedAt;
  const { restarts } = await sandbox.reaches('web', 'healthy', 60_000);
  assert.equal(restarts.total, 1);
  assert.notEqual(await (await fetch(url)).text(), String(old));
  assert.doesNotMatch(await sandbox.output('pm2-liveness'), /went to the background/);
  return { restarts: 1, to200Ms, final: 'healthy' };
});

scenario(46, 'a stranger has the port, and leaves', async (stage) => {
  const sandbox = await stage.pm2();
  const { app, port } = await watchedPage(sandbox);
  const foreign = await foreignServer(stage, port);
  await sandbox.start(app);
  const { last } = await sandbox.reaches('web', 'degraded', 60_000);
  assert.equal(last?.class, 'impostor');
  await holds('it is left alone', 15_000, async () => {
    // On a loaded machine the monitor may not judge for a moment; the incident stays.
    const { restarts, incident } = await sandbox.target('web');
    return restarts.total === 0 && incident?.cause === 'impostor' && foreign.exitCode === null;
  });
  const freedAt = performance.now();
  foreign.kill('SIGKILL');
  const { restarts } = await sandbox.reaches('web', 'healthy', 90_000);
  assert.equal(restarts.total, 1);
  return { restarts: 1, to200Ms: performance.now() - freedAt, final: 'healthy' };
});
