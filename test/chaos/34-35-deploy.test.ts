import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, mkdtemp, readFile, rename, rm, symlink, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { scenario, type Stage } from '../support/scenario.ts';
import { freePort, type Pm2Sandbox } from '../support/pm2-sandbox.ts';
import { until } from '../support/until.ts';
import { statusOf } from '../support/vite-app.ts';
import { WatchedVite } from '../support/watched-vite.ts';

/** Long enough that no trial comes by itself. */
const NEVER = { cooldown: '15m' } as const;

scenario(34, 'a configuration that is saved well', async (stage) => {
  const web = await WatchedVite.start(stage, {
    block: { restarts: NEVER },
    fields: { max_restarts: 2, min_uptime: 20_000 },
  });
  const putBack = await web.app.edit(
    'vite.config.mjs',
    (text) => `throw new Error('typo');${text}`,
  );
  await web.signal('SIGKILL');
  await web.sandbox.reaches(web.name, 'open', 60_000);
  const savedAt = performance.now();
  await putBack();
  // Ten seconds, with room for a slow machine, on which Vite's own start takes several.
  await answers(web.app.url, 200, 20_000);
  const ms = performance.now() - savedAt;
  await web.healthy();
  const { ours } = await web.restarts();
  // One more where the last broken start and the save fell together.
  assert.ok(ours === 1 || ours === 2, `${ours} restarts`);
  const lines = await web.sandbox.linesAbout(web.name);
  assert.ok(lines.some((line) => /trial restart: vite\.config\.mjs was saved/.test(line)));
  return web.figures(ms);
});

scenario(34, 'a port that was taken is free again', async (stage) => {
  const sandbox = await stage.pm2();
  const port = await freePort();
  const folder = await folderOf(stage);
  await writeFile(
    join(folder, 'server.mjs'),
    `import { createServer } from 'node:http';
createServer((_, answer) => answer.end('well')).listen(${port}, '127.0.0.1');`,
  );
  const holder = createServer((_, answer) => answer.end('somebody else')).listen(port, '127.0.0.1');
  stage.defer(() => void holder.close());
  await once(holder, 'listening');
  await sandbox.start(appIn(folder, port, 'server.mjs'));
  await until(
    'PM2 gives it up',
    async () => {
      return (await sandbox.app('web')).pm2_env.status === 'errored';
    },
    { withinMs: 60_000 },
  );
  await sandbox.reaches('web', 'open', 30_000);
  await new Promise((resolve) => setTimeout(resolve, 4_000));
  const freedAt = performance.now();
  holder.close();
  holder.closeAllConnections();
  await sandbox.reaches('web', 'healthy', 60_000);
  const ms = performance.now() - freedAt;
  assert.ok(ms < 20_000, `healthy ${ms} ms after the port was free`);
  const lines = await sandbox.linesAbout('web');
  assert.ok(lines.some((line) => line.includes(`trial restart: port ${port} is free again`)));
  return figuresOf(sandbox, ms);
});

scenario(35, 'node_modules taken away for a minute', async (stage) => {
  const { sandbox, folder, port } = await withPackages(stage);
  const pid = (await sandbox.app('web')).pid;
  await rename(join(folder, 'node_modules'), join(folder, 'gone'));
  const goneAt = performance.now();
  await statusOf(`http://127.0.0.1:${port}/hang`, 300);
  const held = await isHeld(sandbox, /node_modules is gone; install the packages again/);
  assert.match(held.next.what, /checked again when that is over/);
  // Not restarted however long it fails: that would end in a crash loop.
  await until(
    'a minute is over',
    async () => {
      const target = await sandbox.target('web');
      assert.equal(target.restarts.total, 0, target.summary);
      return performance.now() - goneAt > 60_000;
    },
    { withinMs: 120_000, everyMs: 1_000 },
  );
  assert.equal((await sandbox.app('web')).pid, pid);
  await rename(join(folder, 'gone'), join(folder, 'node_modules'));
  const backAt = performance.now();
  await sandbox.reaches('web', 'healthy', 60_000);
  const ms = performance.now() - backAt;
  // It was asked first: three bad answers, then the restart.
  assert.equal((await sandbox.target('web')).restarts.total, 1);
  return figuresOf(sandbox, ms);
});

scenario(35, 'a real npm ci, of an app that is well when it ends', async (stage) => {
  const { sandbox, folder, port } = await withPackages(stage);
  const pid = (await sandbox.app('web')).pid;
  const install = spawn('npm', ['ci', '--offline', '--no-audit', '--no-fund'], {
    cwd: folder,
    stdio: 'ignore',
  });
  const ended = once(install, 'exit');
  await until(
    'npm is at work',
    async () => {
      return (await readFile(join(folder, 'installing'), 'utf8').catch(() => '')) !== '';
    },
    { withinMs: 60_000 },
  );
  await statusOf(`http://127.0.0.1:${port}/hang`, 300);
  await isHeld(sandbox, /npm ci \(pid \d+\) is at work in/);
  await statusOf(`http://127.0.0.1:${port}/heal`, 2_000);
  await rm(join(folder, 'installing'));
  await ended;
  const endedAt = performance.now();
  await sandbox.reaches('web', 'healthy', 60_000);
  const ms = performance.now() - endedAt;
  assert.equal((await sandbox.target('web')).restarts.total, 0);
  assert.equal((await sandbox.app('web')).pid, pid);
  return figuresOf(sandbox, ms);
});

/** An app whose server needs a package of its own folder, healthy, and the folder. */
async function withPackages(
  stage: Stage,
): Promise<{ readonly sandbox: Pm2Sandbox; readonly folder: string; readonly port: number }> {
  const sandbox = await stage.pm2();
  const folder = await folderOf(stage);
  const port = await freePort();
  await mkdir(join(folder, 'greeting'));
  await writeFile(join(folder, 'greeting/index.js'), `module.exports = 'well';`);
  // As long as a build step of a package takes: until the file that it makes is taken away.
  const wait = `const fs = require('fs'); const file = process.env.INIT_CWD + '/installing';
fs.writeFileSync(file, 'yes'); setInterval(() => fs.existsSync(file) || process.exit(0), 100);`;
  await writeFile(join(folder, 'greeting/build.js'), wait);
  await writeJson(folder, 'greeting/package.json', { name: 'greeting', version: '1.0.0' });
  const scripts = { postinstall: 'node greeting/build.js' };
  const dependencies = { greeting: 'file:greeting' };
  await writeJson(folder, 'package.json', { name: 'web', version: '1.0.0', scripts, dependencies });
  const packages = {
    '': { name: 'web', version: '1.0.0', hasInstallScript: true, dependencies },
    greeting: { version: '1.0.0' },
    'node_modules/greeting': { resolved: 'greeting', link: true },
  };
  await writeJson(folder, 'package-lock.json', {
    name: 'web',
    version: '1.0.0',
    lockfileVersion: 3,
    requires: true,
    packages,
  });
  await mkdir(join(folder, 'node_modules'));
  await symlink('../greeting', join(folder, 'node_modules/greeting'));
  await writeFile(
    join(folder, 'server.cjs'),
    `const text = require('greeting');
let hangs = false;
require('http').createServer((request, answer) => {
  if (request.url === '/hang') hangs = true;
  if (request.url === '/heal') hangs = false;
  if (!hangs) answer.end(text);
}).listen(${port}, '127.0.0.1');`,
  );
  await sandbox.start(appIn(folder, port, 'server.cjs'));
  await sandbox.reaches('web', 'healthy');
  return { sandbox, folder, port };
}

function appIn(folder: string, port: number, script: string) {
  return {
    name: 'web',
    script: join(folder, script),
    cwd: folder,
    max_restarts: 2,
    // However slow the machine is, PM2 gives up what ends so soon.
    min_uptime: 20_000,
    env_liveness: {
      http: `http://127.0.0.1:${port}/`,
      period: '500ms',
      timeout: '500ms',
      failureThreshold: 3,
      restarts: NEVER,
    },
  };
}

/** Waits until restarts are held for this reason, and the sentence says so. */
function isHeld(sandbox: Pm2Sandbox, reason: RegExp) {
  return until(
    'restarts are held',
    async () => {
      const target = await sandbox.target('web');
      if (target.deploy === undefined) throw new Error(`${target.state}: ${target.summary}`);
      assert.match(target.deploy.reason, reason);
      assert.match(target.summary, /held: /);
      assert.equal(target.restarts.total, 0);
      return target;
    },
    // A monitor that is held up itself by a slow machine judges nothing for a while.
    { withinMs: 90_000, everyMs: 200 },
  );
}

async function figuresOf(sandbox: Pm2Sandbox, to200Ms: number) {
  const { state, restarts } = await sandbox.target('web');
  return { restarts: restarts.total, to200Ms, final: state };
}

async function answers(url: string, status: number, withinMs: number): Promise<void> {
  const isSo = async (): Promise<boolean> => (await statusOf(url, 500)) === status;
  await until(`${url} answers ${status}`, isSo, { withinMs, everyMs: 50 });
}

async function folderOf(stage: Stage): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'pl-deploy-'));
  stage.defer(() => rm(folder, { recursive: true, force: true, maxRetries: 5 }));
  return folder;
}

function writeJson(folder: string, name: string, value: unknown): Promise<void> {
  return writeFile(join(folder, name), JSON.stringify(value));
}
