import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import type { TargetStatus } from '../../src/report/status.ts';
import { Pm2Sandbox } from '../support/pm2-sandbox.ts';
import { smallServer } from '../support/small-server.ts';
import { holds, until } from '../support/until.ts';

describe('what outlives the monitor', { skip: process.platform === 'win32' }, () => {
  let sandbox: Pm2Sandbox;

  before(async () => {
    sandbox = await Pm2Sandbox.create();
    await sandbox.startMonitor();
  });

  after(() => sandbox.destroy());

  /** Ends the monitor without a word; PM2 brings it back, and it answers. */
  async function killMonitor(): Promise<void> {
    const { pid } = await sandbox.app('pm2-liveness');
    process.kill(pid, 'SIGKILL');
    await until('PM2 has a new monitor', async () => {
      const now = (await sandbox.status())?.monitor.pid;
      return now !== undefined && now !== pid;
    });
  }

  async function trigger(...args: string[]): Promise<string> {
    return (await sandbox.pm2('trigger', 'pm2-liveness', ...args)).text;
  }

  /** Waits until this holds of the app, as the monitor sees it. */
  function seen(
    name: string,
    what: string,
    is: (target: TargetStatus) => boolean,
  ): Promise<TargetStatus> {
    return until(`${name}: ${what}`, async () => {
      const target = await sandbox.target(name);
      if (is(target)) return target;
      throw new Error(`${target.state}: ${target.summary}`);
    });
  }

  test('killed in the middle of backoff, and again with the breaker open: not one restart too many', async () => {
    // It answers 500 forever: two restarts do not help, and the breaker opens.
    const app = await smallServer(sandbox, 'ill', { startupTimeout: '300ms' }, { BROKEN: '1' });
    await sandbox.start(app);
    await seen('ill', 'waits for its second restart', ({ restarts, state }) => {
      return restarts.used === 1 && state === 'backoff';
    });
    await killMonitor();
    const open = await sandbox.reaches('ill', 'open');
    assert.equal(open.restarts.used, 2);
    assert.equal((await sandbox.app('ill')).pm2_env.restart_time, 2);
    await killMonitor();
    await sandbox.reaches('ill', 'open');
    await holds('it is left alone', 2_000, async () => {
      return (await sandbox.app('ill')).pm2_env.restart_time === 2;
    });
    assert.equal((await sandbox.target('ill')).restarts.used, 2);
    await sandbox.pm2('delete', 'ill');
  });

  test('a pause survives kill -9 of the monitor, and its restart by PM2', async () => {
    const app = await smallServer(sandbox, 'rests');
    await sandbox.start(app);
    await sandbox.reaches('rests', 'healthy');
    assert.match(await trigger('pause', 'rests'), /paused/);
    await killMonitor();
    await seen('rests', 'is paused', ({ state }) => state === 'paused');
    await sandbox.pm2('restart', 'pm2-liveness');
    await seen('rests', 'is paused still', ({ state }) => state === 'paused');
    const { pid: paused } = await sandbox.app('rests');
    process.kill(paused, 'SIGSTOP');
    await holds('it is left alone', 2_000, async () => (await sandbox.app('rests')).pid === paused);
    process.kill(paused, 'SIGCONT');
    await trigger('resume', 'rests');
    await sandbox.reaches('rests', 'healthy');
  });
});
