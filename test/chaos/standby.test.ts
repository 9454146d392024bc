import assert from 'node:assert/strict';
import { lstatSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, describe, test, type TestContext } from 'node:test';
import { Pm2Sandbox } from '../support/pm2-sandbox.ts';
import { smallServer } from '../support/small-server.ts';
import { holds, until } from '../support/until.ts';

const root = new URL('../..', import.meta.url).pathname;
const NAMES = ['pm2-liveness', 'pm2-liveness-2'];

/** A standby looks every half second, and the dead leader's socket says so at once. */
const TAKE_OVER_MS = 10_000;

/** So late is a killed leader back under PM2: it is the other that takes over, not itself. */
const BACK_MS = 12_000;

describe('two monitors in one PM2_HOME', { skip: process.platform === 'win32' }, () => {
  let sandbox: Pm2Sandbox;

  before(async () => {
    sandbox = await Pm2Sandbox.create();
    await sandbox.start(await smallServer(sandbox, 'web'));
    const script = join(root, 'dist/main.js');
    for (const name of NAMES) {
      const monitor = { name, script, cwd: root, pmx: false, restart_delay: BACK_MS };
      await sandbox.start({ ...monitor, kill_timeout: 5_000 });
    }
    await sandbox.reaches('web', 'healthy');
  });

  after(() => sandbox.destroy());

  /** The name of the monitor that leads, and of the one that does not. */
  async function roles(): Promise<{ leader: string; other: string }> {
    const pid = (await sandbox.status())?.monitor.pid;
    const list = await sandbox.list();
    const leader = list.find((entry) => entry.pid === pid)?.name ?? '';
    assert.ok(
      NAMES.includes(leader),
      `${pid} leads, of ${JSON.stringify(list.map(({ pid }) => pid))}`,
    );
    return { leader, other: NAMES.find((name) => name !== leader) ?? '' };
  }

  async function trigger(name: string, ...args: string[]): Promise<string> {
    const { text } = await sandbox.pm2('trigger', name, ...args);
    return /\]=(.*)$/m.exec(text)?.[1] ?? text;
  }

  /** Hangs the app for good, and waits until it has been restarted and is healthy again. */
  async function hang(): Promise<void> {
    const { pid, pm2_env: before } = await sandbox.app('web');
    process.kill(pid, 'SIGSTOP');
    await until('it is restarted', async () => {
      return (await sandbox.app('web')).pm2_env.restart_time > before.restart_time;
    });
    await sandbox.reaches('web', 'healthy');
  }

  /** Waits until that monitor leads, and says how long it took. */
  async function takesOver(name: string, sinceMs: number, t: TestContext): Promise<void> {
    const { pid } = await sandbox.app(name);
    await until(`${name} leads`, async () => (await sandbox.status())?.monitor.pid === pid, {
      withinMs: TAKE_OVER_MS,
    });
    t.diagnostic(`took over within ${Math.round(performance.now() - sinceMs)} ms`);
  }

  test('one of them leads, over a socket that only its owner may use', async () => {
    const { other } = await roles();
    await until('the other says that it stands by', async () =>
      /standby: another monitor leads \(pid \d+\)/.test(await sandbox.output(other)),
    );
    const dir = join(sandbox.home, 'pm2-liveness');
    assert.equal(lstatSync(dir).mode & 0o777, 0o700);
    for (const name of readdirSync(dir)) {
      const found = lstatSync(join(dir, name), { throwIfNoEntry: false });
      // The unfinished file of a writer has another name by now.
      if (found === undefined) continue;
      assert.equal(found.mode & 0o777, found.isDirectory() ? 0o700 : 0o600, name);
    }
    assert.ok(lstatSync(join(dir, 'control.sock')).isSocket());
  });

  test('the standby says what it is, and takes no commands', async () => {
    const { leader, other } = await roles();
    const pid = (await sandbox.app(leader)).pid;
    const status: unknown = JSON.parse(await trigger(other, 'status'));
    assert.match(JSON.stringify(status), /"state":"standby".*"targets":\[\]/);
    assert.match(await trigger(other, 'pause', 'web'), new RegExp(`stands by.*pid ${pid}`));
    await until('it shows in its metrics', async () => {
      return (await sandbox.app(other)).pm2_env.axm_monitor['monitor']?.value === 'STANDBY';
    });
  });

  test('only one of them acts on a hung app', async () => {
    const { other } = await roles();
    const before = (await sandbox.app('web')).pm2_env.restart_time;
    await hang();
    await holds('it is restarted once', 2_000, async () => {
      return (await sandbox.app('web')).pm2_env.restart_time === before + 1;
    });
    assert.doesNotMatch(await sandbox.output(other), /web/);
    assert.equal((await sandbox.target('web')).restarts.used, 1);
  });

  test('kill -9 of the leader: the other takes over, and knows what was spent', async (t) => {
    const { leader, other } = await roles();
    const { pid } = await sandbox.app(leader);
    const killedAt = performance.now();
    process.kill(pid, 'SIGKILL');
    await takesOver(other, killedAt, t);
    await sandbox.reaches('web', 'healthy');
    assert.equal((await sandbox.target('web')).restarts.used, 1);
    await hang();
    assert.equal((await sandbox.target('web')).restarts.used, 2);
    await until('PM2 has the first one back', async () => {
      return (await sandbox.app(leader)).pm2_env.status === 'online';
    });
    assert.equal((await roles()).leader, other);
  });

  test('pm2 stop of the leader: the other takes over, and knows what was spent', async (t) => {
    const { leader, other } = await roles();
    const stoppedAt = performance.now();
    const [stopped] = await Promise.all([
      sandbox.pm2('stop', leader),
      takesOver(other, stoppedAt, t),
    ]);
    assert.equal(stopped.exitCode, 0);
    await sandbox.reaches('web', 'healthy');
    assert.equal((await sandbox.target('web')).restarts.used, 2);
  });

  test('status asks over the socket, with any name of the leader', async (t) => {
    const { leader } = await roles();
    const { pid } = await sandbox.app(leader);
    const askedAt = performance.now();
    const cli = await sandbox.run(process.execPath, ['dist/cli/main.js', 'status', '--json']);
    t.diagnostic(`answered within ${Math.round(performance.now() - askedAt)} ms`);
    assert.equal(cli.exitCode, 0, cli.text);
    assert.match(cli.out, new RegExp(`"pid": ${pid}`));
    assert.match(cli.out, /"isKept": true/);
  });

  test('what dead leaders left is no monitor: status exits with 3 and one sentence', async () => {
    for (const name of NAMES) {
      const { pid } = await sandbox.app(name).catch(() => ({ pid: 0 }));
      if (pid > 0) process.kill(pid, 'SIGSTOP');
      await sandbox.pm2('delete', name);
    }
    assert.ok(readdirSync(join(sandbox.home, 'pm2-liveness')).includes('control.sock'));
    const withDaemon = await sandbox.run(process.execPath, ['dist/cli/main.js', 'status']);
    assert.equal(withDaemon.exitCode, 3, withDaemon.text);
    assert.match(withDaemon.text, /^no monitor is running under PM2; .*$/);
    await sandbox.pm2('kill');
    const without = await sandbox.run(process.execPath, ['dist/cli/main.js', 'status']);
    assert.equal(without.exitCode, 3, without.text);
    assert.match(without.text, /^no PM2 daemon answers at .*$/);
  });
});
