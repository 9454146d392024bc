import assert from 'node:assert/strict';
import { mkdtemp, readdir, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { freePort, Pm2Sandbox } from '../support/pm2-sandbox.ts';
import { holds, until } from '../support/until.ts';

/**
 * A server with a child that only its parent knows; a second incarnation without the port stays, as a worker
 * would.
 */
const SOURCE = `
import { spawn } from 'node:child_process';
import { createServer } from 'node:http';
spawn(process.execPath, ['-e', 'setInterval(() => {}, 1000)'], { stdio: 'ignore' });
createServer((request, response) => response.end('answer'))
  .on('error', () => {})
  .listen(Number(process.env.PORT), '127.0.0.1');
`;

const FAST = { period: '300ms', timeout: '500ms', fastPeriod: '200ms', startupPeriod: '100ms' };

describe('a PM2 daemon whose PATH has no ps', { skip: process.platform !== 'linux' }, () => {
  let sandbox: Pm2Sandbox;
  let bin: string;

  before(async () => {
    bin = await mkdtemp(join(tmpdir(), 'pl-bin-'));
    await symlink(process.execPath, join(bin, 'node'));
    sandbox = await Pm2Sandbox.create({ env: { PATH: bin } });
    await sandbox.startMonitor();
  });

  after(async () => {
    await sandbox.destroy();
    // Where PM2 has no ps it leaves the children of its apps behind; the mark makes them ours.
    for (const pid of await processesOf('')) process.kill(pid, 'SIGKILL');
    await rm(bin, { recursive: true });
  });

  const markOf = (name: string): string => `${sandbox.home}/marked-${name}`;

  /** All processes of an app of this sandbox, with any parent; of all apps with ''. */
  async function processesOf(name: string): Promise<number[]> {
    // In a cluster it is within PM2's own JSON.
    const mark = markOf(name);
    const pids = (await readdir('/proc')).filter((entry) => /^\d+$/.test(entry));
    const environs = await Promise.all(
      pids.map((pid) => readFile(`/proc/${pid}/environ`, 'utf8').catch(() => '')),
    );
    return pids.filter((_, index) => environs[index]?.includes(mark)).map(Number);
  }

  async function startApp(name: string, fields: Readonly<Record<string, unknown>> = {}) {
    const script = join(sandbox.home, `${name}.mjs`);
    await writeFile(script, SOURCE);
    const env = { PORT: String(await freePort()), PL_MARK: markOf(name) };
    const env_liveness = { http: 'http://127.0.0.1:${PORT}/', ...FAST };
    await sandbox.start({ name, script, env, env_liveness, ...fields });
    await sandbox.reaches(name, 'healthy');
  }

  /** Hangs an app, and waits until another incarnation of it answers. */
  async function hangAndMend(name: string): Promise<number[]> {
    const old = await until('the app and its child run', async () => {
      const pids = await processesOf(name);
      return pids.length === 2 && pids;
    });
    const { pid } = await sandbox.app(name);
    const { total } = (await sandbox.target(name)).restarts;
    process.kill(pid, 'SIGSTOP');
    await until('it is restarted', async () => {
      const { state, restarts, pid: now } = await sandbox.target(name);
      return state === 'healthy' && restarts.total === total + 1 && now !== pid;
    });
    return old;
  }

  async function assertOneRuns(name: string, old: readonly number[]): Promise<void> {
    await until('one server and one child', async () => (await processesOf(name)).length === 2);
    await holds('nothing else runs', 2_000, async () => (await processesOf(name)).length === 2);
    const now = await processesOf(name);
    assert.ok(now.includes((await sandbox.app(name)).pid));
    assert.deepEqual(
      now.filter((pid) => old.includes(pid)),
      [],
      'nothing of the old life is left',
    );
  }

  test('is warned of in log and status', async () => {
    const { problems } = (await sandbox.status()) ?? assert.fail('no status');
    assert.equal(problems.length, 1);
    assert.match(problems[0] ?? '', /^the program ps is not in the PATH of the PM2 daemon/);
    assert.match(await sandbox.output('pm2-liveness'), /the program ps is not in the PATH/);
  });

  test('a hung app is fixed, and runs once, with no process left of its old incarnation', async () => {
    await startApp('web');
    const old = await hangAndMend('web');
    await assertOneRuns('web', old);
    // It was PM2 that started it again.
    assert.equal((await sandbox.app('web')).pm2_env.restart_time, 1);
  });

  test('so is one that PM2 would not start again by itself', async () => {
    await startApp('once', { autorestart: false });
    await assertOneRuns('once', await hangAndMend('once'));
  });

  test('a worker of a cluster is reloaded, and its children go with it', async () => {
    await startApp('cluster', {
      exec_mode: 'cluster',
      instances: 1,
      env_liveness: { http: 'http://127.0.0.1:${PORT}/', ...FAST, action: 'reload' },
    });
    await assertOneRuns('cluster', await hangAndMend('cluster'));
  });

  test('is forgotten when ps is there again, and PM2 restarts as before', async () => {
    await symlink(await realPs(), join(bin, 'ps'));
    await assertOneRuns('web', await hangAndMend('web'));
    assert.deepEqual((await sandbox.status())?.problems, []);
    assert.match(await sandbox.output('pm2-liveness'), /the program ps is in the PATH again/);
  });
});

async function realPs(): Promise<string> {
  for (const folder of (process.env.PATH ?? '').split(':')) {
    const names: readonly string[] = await readdir(folder).catch(() => []);
    if (names.includes('ps')) return join(folder, 'ps');
  }
  throw new Error('this test needs ps');
}
