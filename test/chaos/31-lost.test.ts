import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdir, mkdtemp, readFile, rename, rm, symlink, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import type { TargetStatus } from '../../src/report/status.ts';
import type { Pm2Sandbox } from '../support/pm2-sandbox.ts';
import { scenario, Stage, type Figures } from '../support/scenario.ts';
import { SwitchedServer } from '../support/switched-server.ts';
import { holds, until } from '../support/until.ts';
import { statusOf } from '../support/vite-app.ts';

/**
 * PM2's list is asked every 2 s; an entry that looks lost has to last 3 s (5 s after a restart of ours), and
 * an idle loop runs every second.
 */
const BACK_MS = 15_000;

/** A folder in the sandbox that can be taken away and given back. */
class Takeable {
  readonly path: string;

  constructor(sandbox: Pm2Sandbox, name: string) {
    this.path = join(sandbox.home, name);
  }

  async create(): Promise<this> {
    await mkdir(this.path);
    return this;
  }

  take(): Promise<void> {
    return rename(this.path, `${this.path}-taken`);
  }

  giveBack(): Promise<void> {
    return rename(`${this.path}-taken`, this.path);
  }

  /** The fields of an app that logs into it. */
  logsOf(name: string): Readonly<Record<string, string>> {
    return { out_file: join(this.path, `${name}.out`), error_file: join(this.path, `${name}.err`) };
  }
}

/** Starts an app that logs into a folder of its own, and waits until it answers. */
async function startLogged(
  stage: Stage,
  fields: object = {},
): Promise<{ sandbox: Pm2Sandbox; folder: Takeable; server: SwitchedServer }> {
  const sandbox = await stage.pm2();
  const folder = await new Takeable(sandbox, 'web-logs').create();
  const logs = folder.logsOf('web');
  const server = await SwitchedServer.create(sandbox, 'web', {}, { ...logs, ...fields });
  await sandbox.start(server.app);
  await sandbox.reaches('web', 'healthy');
  return { sandbox, folder, server };
}

async function killHard(sandbox: Pm2Sandbox, name: string): Promise<void> {
  const { pid } = await sandbox.app(name);
  assert.ok(pid > 0);
  process.kill(pid, 'SIGKILL');
}

/** Waits until the monitor says that PM2 lost an app. */
function isLost(sandbox: Pm2Sandbox, name: string): Promise<TargetStatus> {
  return until(
    `${name} is lost`,
    async () => {
      const target = await sandbox.target(name);
      if (target.incident?.cause === 'lost') return target;
      throw new Error(`${target.state}: ${target.summary}`);
    },
    { withinMs: 90_000, everyMs: 200 },
  );
}

/** Waits until the monitor says this of an app. */
function isSaying(sandbox: Pm2Sandbox, name: string, wanted: RegExp): Promise<TargetStatus> {
  return until(`${name}: ${wanted.source}`, async () => {
    const target = await sandbox.target(name);
    if (wanted.test(target.summary)) return target;
    throw new Error(target.summary);
  });
}

/** The app is lost over what was taken, waited for, and back once that is. */
async function isFollowed(
  sandbox: Pm2Sandbox,
  server: SwitchedServer,
  { path, giveBack }: { readonly path: string; readonly giveBack: () => Promise<void> },
): Promise<Figures> {
  const { name } = server;
  await isLost(sandbox, name);
  // A failed restart of ours opens the incident before PM2's list shows how the app was left.
  const isSaid = new RegExp(`lost: PM2 could not start it: its .* ${path} is missing`);
  const told = await isSaying(sandbox, name, isSaid);
  const before = told.restarts.used;
  assert.match(told.summary, new RegExp(`it is started as soon as ${path} is back`));
  await holds('nothing is tried in vain', 5_000, async () => {
    const { restarts, incident } = await sandbox.target(name);
    return restarts.used === before && incident?.cause === 'lost';
  });
  await giveBack();
  const backAt = performance.now();
  await until('it is back', async () => (await statusOf(server.url, 500)) === 200, {
    withinMs: BACK_MS,
  });
  const to200Ms = performance.now() - backAt;
  const { state, restarts } = await sandbox.reaches(name, 'healthy');
  assert.equal(restarts.used, before + 1);
  return { restarts: restarts.total, to200Ms, final: state };
}

scenario(31, 'interpreter gone', async (stage) => {
  const sandbox = await stage.pm2();
  const folder = await new Takeable(sandbox, 'bin').create();
  const interpreter = join(folder.path, 'node');
  await symlink(process.execPath, interpreter);
  const server = await SwitchedServer.create(sandbox, 'web', {}, { interpreter });
  await sandbox.start(server.app);
  await sandbox.reaches('web', 'healthy');
  await folder.take();
  await killHard(sandbox, 'web');
  return isFollowed(sandbox, server, {
    path: interpreter,
    giveBack: () => folder.giveBack(),
  });
});

scenario(31, 'no descriptors left in PM2, and a crash', async (stage) => {
  const sandbox = await stage.pm2();
  const server = await SwitchedServer.create(sandbox, 'web');
  await sandbox.start(server.app);
  await sandbox.reaches('web', 'healthy');
  const daemon = Number(await readFile(join(sandbox.home, 'pm2.pid'), 'utf8'));
  const limit = (files: number): void => {
    execFileSync('prlimit', ['--pid', String(daemon), `--nofile=${files}:`]);
  };
  const { pid } = await sandbox.app('web');
  // PM2 keeps its connections, and can accept, open and spawn nothing more.
  limit(20);
  process.kill(pid, 'SIGKILL');
  await isLost(sandbox, 'web');
  // A restart of ours may be under way, which PM2 cannot answer.
  await isSaying(sandbox, 'web', /no file descriptors were left \(EMFILE\)/);
  limit(1_024);
  const backAt = performance.now();
  await until('it is back', async () => (await statusOf(server.url, 500)) === 200, {
    withinMs: 2 * BACK_MS,
  });
  const to200Ms = performance.now() - backAt;
  const { state, restarts } = await sandbox.reaches('web', 'healthy');
  return { restarts: restarts.total, to200Ms, final: state };
});

scenario(31, 'log folder gone, and a crash', async (stage) => {
  const { sandbox, folder, server } = await startLogged(stage);
  await folder.take();
  await killHard(sandbox, 'web');
  return isFollowed(sandbox, server, { path: folder.path, giveBack: () => folder.giveBack() });
});

scenario(31, 'log folder gone, and a restart of ours', async (stage) => {
  const { sandbox, folder, server } = await startLogged(stage);
  await folder.take();
  await server.on('bad');
  await isLost(sandbox, 'web');
  await server.off('bad');
  return isFollowed(sandbox, server, { path: folder.path, giveBack: () => folder.giveBack() });
});

scenario(31, "log folder gone, and a restart of PM2's own watcher", async (stage) => {
  const watched = await mkdtemp(join(tmpdir(), 'pl-watched-'));
  stage.defer(() => rm(watched, { recursive: true, force: true }));
  const { sandbox, folder, server } = await startLogged(stage, { watch: [watched] });
  await folder.take();
  await writeFile(join(watched, 'saved.js'), '');
  return isFollowed(sandbox, server, { path: folder.path, giveBack: () => folder.giveBack() });
});

scenario(31, 'log folder gone, a restart of ours, and one of the monitor', async (stage) => {
  const { sandbox, folder, server } = await startLogged(stage);
  await folder.take();
  await server.on('bad');
  await isLost(sandbox, 'web');
  await server.off('bad');
  await sandbox.pm2('restart', 'pm2-liveness');
  await until('the monitor is back', async () => sandbox.status(), { withinMs: 60_000 });
  return isFollowed(sandbox, server, { path: folder.path, giveBack: () => folder.giveBack() });
});

describe('an app that PM2 lost and that the operator stops', () => {
  const stage = new Stage();

  test('stays stopped, whenever and however that was, seen or not', async () => {
    try {
      const sandbox = await stage.pm2();
      const folder = await new Takeable(sandbox, 'web-logs').create();
      const bin = await new Takeable(sandbox, 'bin').create();
      const interpreter = join(bin.path, 'node');
      await symlink(process.execPath, interpreter);
      const create = (name: string, fields: object = {}): Promise<SwitchedServer> =>
        SwitchedServer.create(sandbox, name, {}, { ...folder.logsOf(name), ...fields });
      const names = [
        'nobody',
        'before',
        'during',
        'byname',
        'byid',
        'byapi',
        'absent',
        'ours',
        'oursabsent',
      ];
      const servers = [
        ...(await Promise.all(names.map((name) => create(name)))),
        await create('timer', { restart_delay: 1_000 }),
        await create('unspawned', { interpreter, out_file: '/dev/null', error_file: '/dev/null' }),
      ];
      const [nobody] = servers;
      assert.ok(nobody);
      await sandbox.start(...servers.map(({ app }) => app));
      const stopped = servers.map(({ name }) => name).filter((name) => name !== 'nobody');
      for (const name of ['nobody', ...stopped]) await sandbox.reaches(name, 'healthy', 60_000);

      await sandbox.pm2('stop', 'before');
      await folder.take();
      await bin.take();
      for (const { name, on } of servers.map((server) => ({
        name: server.name,
        on: () => server.on('bad'),
      }))) {
        if (name.startsWith('ours')) await on();
      }
      const crashed = stopped.filter((name) => !/^(before|during|ours)/.test(name));
      for (const name of ['nobody', ...crashed]) await killHard(sandbox, name);
      const during = sandbox.pm2('stop', 'during');
      await killHard(sandbox, 'during').catch(() => undefined);
      await during;
      for (const name of [...crashed, 'nobody', 'ours', 'oursabsent']) await isLost(sandbox, name);

      const { pm_id: id } = await sandbox.app('byid');
      await sandbox.pm2('stop', 'byname', String(id), 'timer', 'unspawned', 'ours');
      await stopOverApi(sandbox, 'byapi');
      for (const name of [
        'before',
        'during',
        'byname',
        'byid',
        'byapi',
        'timer',
        'unspawned',
        'ours',
      ]) {
        assert.equal(
          (await sandbox.reaches(name, 'paused')).summary,
          'paused: stopped in PM2',
          name,
        );
      }
      await sandbox.pm2('stop', 'pm2-liveness');
      await sandbox.pm2('stop', 'absent', 'oursabsent');
      await sandbox.pm2('start', 'pm2-liveness');
      await sandbox.reaches('absent', 'paused', 40_000);
      await sandbox.reaches('oursabsent', 'paused', 40_000);

      await folder.giveBack();
      await bin.giveBack();
      await until(
        'what nobody stopped is back',
        async () => (await statusOf(nobody.url, 500)) === 200,
        {
          withinMs: BACK_MS,
        },
      );
      await holds('all others stay stopped', 8_000, async () => areStopped(sandbox, stopped));
      await sandbox.pm2('save');
      await sandbox.pm2('kill');
      await sandbox.pm2('resurrect');
      await until('it is up', async () => (await statusOf(nobody.url, 500)) === 200);
      await until('the monitor is back', async () => sandbox.status(), { withinMs: 60_000 });
      await holds('and so after a resurrect', 8_000, async () => areStopped(sandbox, stopped));
    } finally {
      await stage.end();
    }
  });
});

async function areStopped(sandbox: Pm2Sandbox, names: readonly string[]): Promise<boolean> {
  const list = await sandbox.list();
  const up = list.filter(
    ({ name, pm2_env }) => names.includes(name) && pm2_env.status !== 'stopped',
  );
  assert.deepEqual(
    up.map(({ name }) => name),
    [],
  );
  return true;
}

/** As a program of the operator's does. */
async function stopOverApi(sandbox: Pm2Sandbox, name: string): Promise<void> {
  const pm2 = createRequire(import.meta.url).resolve('pm2');
  const script = `const pm2 = require(${JSON.stringify(pm2)});
    pm2.connect(() => pm2.stop(${JSON.stringify(name)}, (error) => { pm2.disconnect(); process.exitCode = error ? 1 : 0; }));`;
  assert.equal((await sandbox.run(process.execPath, ['-e', script])).exitCode, 0);
}
