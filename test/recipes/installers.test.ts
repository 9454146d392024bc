import assert from 'node:assert/strict';
import { mkdtemp, realpath, rename, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { Pm2Sandbox } from '../support/pm2-sandbox.ts';
import { until } from '../support/until.ts';
import { Project, TOOLS, type Tool } from './installed-project.ts';

describe('installers at work on the project of an app', () => {
  let sandbox: Pm2Sandbox;
  let home: string;
  const projects = new Map<Tool, Project>();

  before(async () => {
    sandbox = await Pm2Sandbox.create();
    home = await realpath(await mkdtemp(join(tmpdir(), 'pl-inst-')));
    await sandbox.startMonitor();
    for (const tool of Object.keys(TOOLS) as Tool[]) {
      projects.set(tool, await Project.create(tool, home, sandbox));
    }
    await sandbox.start(...[...projects.values()].map((project) => project.entry()));
    for (const tool of projects.keys()) await sandbox.reaches(tool, 'healthy', 60_000);
  });

  after(async () => {
    console.log((await sandbox.output('pm2-liveness')).replaceAll(home, ''));
    await sandbox.destroy();
    await rm(home, { recursive: true, force: true, maxRetries: 5 });
  });

  for (const tool of Object.keys(TOOLS) as Tool[]) {
    const { label } = TOOLS[tool];
    const atWork = new RegExp(`${label} \\(pid \\d+\\) is at work in`);

    test(`${label}: an app that hangs meanwhile is held, and asked first when it is over`, async () => {
      const project = projects.get(tool);
      assert.ok(project !== undefined);
      const { pid } = await sandbox.app(tool);
      const { release } = await project.beginInstall();
      process.kill(pid, 'SIGSTOP');
      await project.isHeld(atWork);
      process.kill(pid, 'SIGCONT');
      await release();
      const { restarts } = await sandbox.reaches(tool, 'healthy', 60_000);
      assert.equal(restarts.total, 0);
      assert.equal((await sandbox.app(tool)).pid, pid);
    });

    test(`${label}: an app that has crashed meanwhile waits for its end, and is started then`, async () => {
      const project = projects.get(tool);
      assert.ok(project !== undefined);
      const { release } = await project.beginInstall();
      // What it needs is not there: it ends at once, until PM2 gives it up.
      const [entry, away] = [join(project.folder, 'server.cjs'), join(project.folder, 'away.cjs')];
      await rename(entry, away);
      await writeFile(entry, "require('./nothing.js');");
      process.kill((await sandbox.app(tool)).pid, 'SIGKILL');
      await until(
        'PM2 gives it up',
        async () => (await sandbox.app(tool)).pm2_env.status === 'errored',
        { withinMs: 90_000 },
      );
      await project.isHeld(atWork);
      await rename(away, entry);
      await release();
      const { restarts } = await sandbox.reaches(tool, 'healthy', 90_000);
      assert.equal(restarts.total, 1);
    });
  }
});

describe('npm ci that is killed halfway', () => {
  let sandbox: Pm2Sandbox;
  let home: string;

  before(async () => {
    sandbox = await Pm2Sandbox.create();
    home = await realpath(await mkdtemp(join(tmpdir(), 'pl-inst-')));
    await sandbox.startMonitor();
  });

  after(async () => {
    console.log((await sandbox.output('pm2-liveness')).replaceAll(home, ''));
    await sandbox.destroy();
    await rm(home, { recursive: true, force: true, maxRetries: 5 });
  });

  test('an app that crashes then is held until npm has finished, and is started then', async () => {
    const project = await Project.create('npm-ci', home, sandbox);
    await sandbox.start(project.entry());
    await sandbox.reaches('npm-ci', 'healthy', 60_000);
    await project.killInstall();
    process.kill((await sandbox.app('npm-ci')).pid, 'SIGKILL');
    const isGivenUp = async (): Promise<boolean> =>
      (await sandbox.app('npm-ci')).pm2_env.status === 'errored';
    await until('PM2 gives it up', isGivenUp, { withinMs: 90_000 });
    const { restarts } = await project.isHeld(/node_modules/);
    assert.equal(restarts.total, 0);
    await project.install();
    const well = await sandbox.reaches('npm-ci', 'healthy', 90_000);
    assert.equal(well.restarts.total, 1);
  });
});
