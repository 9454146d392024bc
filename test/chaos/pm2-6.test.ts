import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { createOsReader } from '../../src/os/create-reader.ts';
import type { ProcessFacts } from '../../src/os/os-reader.ts';
import { isStatusDocument } from '../../src/report/is-status-document.ts';
import { Pm2Sandbox } from '../support/pm2-sandbox.ts';
import { smallServer } from '../support/small-server.ts';
import { holds, until } from '../support/until.ts';

/** The monitor talks to it with the library of PM2 7. */
describe('under the daemon of PM2 6.0.14', () => {
  let sandbox: Pm2Sandbox;
  let daemon: string;

  before(async () => {
    sandbox = await Pm2Sandbox.create({ major: '6' });
    await sandbox.start(await smallServer(sandbox, 'web'));
    daemon = await pidFile();
    await sandbox.startMonitor();
    await sandbox.reaches('web', 'healthy');
  });

  after(() => sandbox.destroy());

  const pidFile = (): Promise<string> => readFile(join(sandbox.home, 'pm2.pid'), 'utf8');

  /** Does something to the app, and waits until another incarnation of it is healthy. */
  async function toNextLife(act: (pid: number) => void): Promise<void> {
    const { pid } = await sandbox.app('web');
    act(pid);
    await until('another life is healthy', async () => {
      const { state, pid: now } = await sandbox.target('web');
      return state === 'healthy' && now > 0 && now !== pid;
    });
  }

  async function restarts(): Promise<[ours: number, all: number]> {
    const { total } = (await sandbox.target('web')).restarts;
    return [total, (await sandbox.app('web')).pm2_env.restart_time];
  }

  test('the daemon is what it is said to be', async () => {
    const log = await readFile(join(sandbox.home, 'pm2.log'), 'utf8');
    assert.match(log, /PM2 version +: 6\.0\.14/);
  });

  test('a hung app is restarted once', async () => {
    assert.deepEqual(await restarts(), [0, 0]);
    await toNextLife((pid) => process.kill(pid, 'SIGSTOP'));
    assert.deepEqual(await restarts(), [1, 1]);
  });

  test('a crash is left to PM2', async () => {
    await toNextLife((pid) => process.kill(pid, 'SIGKILL'));
    assert.deepEqual(await restarts(), [1, 2]);
  });

  test('the operator’s stop holds, and their start is followed', async () => {
    await sandbox.pm2('stop', 'web');
    await sandbox.reaches('web', 'paused');
    await holds('it stays stopped', 3_000, async () => {
      return (await sandbox.app('web')).pm2_env.status === 'stopped';
    });
    await sandbox.pm2('start', 'web');
    await sandbox.reaches('web', 'healthy');
    assert.equal((await restarts())[0], 1);
  });

  test('the status document is whole, and pm2 trigger gives it too', async () => {
    const document = await sandbox.status();
    assert.ok(isStatusDocument(document));
    assert.equal(document.monitor.state, 'active');
    assert.deepEqual(document.problems, []);
    assert.deepEqual(document.misconfigured, []);
    assert.deepEqual(
      document.targets.map(({ name, state }) => [name, state]),
      [['web', 'healthy']],
    );
    const { exitCode, text } = await sandbox.pm2('trigger', 'pm2-liveness', 'status');
    assert.equal(exitCode, 0, text);
    assert.match(text, /"schemaVersion": *1/);
    await until('it shows in the metrics', async () => {
      const { axm_monitor: metrics } = (await sandbox.app('pm2-liveness')).pm2_env;
      const isFirst = Object.keys(metrics)[0] === 'web';
      return isFirst && String(metrics['web']?.value).startsWith('UP ');
    });
  });

  test('the library of PM2 7 reaches the monitor through it, and prints nothing of its own', async () => {
    const { href } = new URL('../../dist/cli/status/over-pm2.js', import.meta.url);
    const source = `
      const { StatusOverPm2 } = await import(${JSON.stringify(href)});
      const over = new StatusOverPm2(process.env.PM2_HOME);
      process.stdout.write(JSON.stringify(await over.ask()));
      await over.close();
    `;
    const args = ['--input-type=module', '-e', source];
    const { exitCode, text } = await sandbox.run(process.execPath, args);
    assert.equal(exitCode, 0, text);
    assert.ok(isStatusDocument(JSON.parse(text)), text);
  });

  test('the daemon is the same, and the monitor never restarted and has nothing to complain of', async () => {
    assert.equal(await pidFile(), daemon);
    const { pid, pm2_env } = await sandbox.app('pm2-liveness');
    assert.equal(pm2_env.restart_time, 0);
    const table = (await createOsReader().processes()) ?? new Map<number, ProcessFacts>();
    assert.deepEqual(
      [...table.values()].filter(({ ppid }) => ppid === pid),
      [],
      'it has started nothing',
    );
    const errors = await readFile(join(sandbox.home, 'logs', 'pm2-liveness-error.log'), 'utf8');
    assert.doesNotMatch(errors, /version|out-of-date|Error:/);
  });
});
