import assert from 'node:assert/strict';
import { rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { Pm2Sandbox } from '../support/pm2-sandbox.ts';
import { smallServer } from '../support/small-server.ts';
import { until } from '../support/until.ts';

describe('a PM2_HOME in which our folder cannot be', { skip: process.platform === 'win32' }, () => {
  let sandbox: Pm2Sandbox;
  let inTheWay: string;

  before(async () => {
    sandbox = await Pm2Sandbox.create();
    inTheWay = join(sandbox.home, 'pm2-liveness');
    await writeFile(inTheWay, '');
    await sandbox.start(await smallServer(sandbox, 'web'));
    await sandbox.startMonitor();
  });

  after(() => sandbox.destroy());

  async function hang(): Promise<void> {
    const { pid, pm2_env: before } = await sandbox.app('web');
    process.kill(pid, 'SIGSTOP');
    await until('it is restarted', async () => {
      return (await sandbox.app('web')).pm2_env.restart_time > before.restart_time;
    });
    await sandbox.reaches('web', 'healthy');
  }

  test('is watched all the same, and log and status say what is missing', async () => {
    await sandbox.reaches('web', 'healthy');
    await hang();
    const { monitor, problems = [] } = (await sandbox.status()) ?? {};
    assert.equal(monitor?.state, 'active');
    assert.equal(monitor.history?.isKept, false);
    assert.match(problems.join('\n'), /no lock on this PM2_HOME: .*pm2-liveness/);
    const output = await sandbox.output('pm2-liveness');
    assert.match(output, /this monitor leads without the lock: .*pm2-liveness/);
    assert.match(output, /not saved on disk; the apps are still watched: /);
    const cli = await sandbox.run(process.execPath, ['dist/cli/main.js', 'status']);
    assert.equal(cli.exitCode, 0, cli.text);
    assert.match(cli.text, /not saved on disk/);
  });

  test('is as any other again once the way is free, without a restart of the monitor', async () => {
    const before = (await sandbox.status())?.monitor.pid;
    await rm(inTheWay);
    await until('the lock is held', async () =>
      (await sandbox.output('pm2-liveness')).includes('this monitor has the lock now'),
    );
    await hang();
    const { monitor, problems } = (await sandbox.status()) ?? {};
    assert.equal(monitor?.pid, before);
    assert.deepEqual(monitor?.history, { isKept: true, why: null });
    assert.deepEqual(problems, []);
    assert.equal((await sandbox.target('web')).restarts.used, 2);
  });
});
