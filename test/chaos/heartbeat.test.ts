import assert from 'node:assert/strict';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { isAlive, Pm2Sandbox, type App, type Listed } from '../support/pm2-sandbox.ts';
import { callDaemon } from '../support/pm2-rpc.ts';
import type { TargetStatus } from '../../src/report/status.ts';
import { holds, until } from '../support/until.ts';

const helper = new URL('../../dist/heartbeat.js', import.meta.url).href;

/** Sends heartbeats, by our helper or by hand; SIGUSR2 has it burn its CPU for good. */
const APP = `
import { startHeartbeat } from '${helper}';
const beat = () => process.send?.({ type: 'liveness:beat', data: {} });
if (process.env.BY_HAND) setInterval(beat, 200);
else startHeartbeat({ everyMs: 200 });
setInterval(() => undefined, 1_000);
process.on('SIGUSR2', () => {
  for (;;);
});
`;

const BLOCK = {
  heartbeat: '1s',
  period: '500ms',
  fastPeriod: '300ms',
  failureThreshold: 3,
  busyGrace: '1s',
  startupTimeout: '20s',
};

/** Until a silence counts: the promise and the way over the bus, one period, and PM2's next list. */
const NOTICE_MS = 1_000 + 500 + 550 + 2_000;
/** The other samples, PM2's kill timeout or its wait for a worker to listen, and a cold start. */
const MEND_MS = 2 * 330 + 1_000 + 3_000 + 1_600 + 4_000;

describe('an app that promises heartbeats', () => {
  let sandbox: Pm2Sandbox;
  let script: string;

  before(async () => {
    sandbox = await Pm2Sandbox.create();
    script = join(sandbox.home, 'app.mjs');
    await writeFile(script, APP);
    await sandbox.startMonitor();
  });

  after(() => sandbox.destroy());

  async function start(name: string, more: Readonly<Record<string, unknown>> = {}): Promise<void> {
    const app: App = { name, script, env_liveness: BLOCK, ...more };
    await sandbox.start(app);
    const { instances = 1 } = more;
    await allHealthy(name, Number(instances));
  }

  async function instancesOf(name: string): Promise<Listed[]> {
    return (await sandbox.list()).filter((entry) => entry.name === name);
  }

  async function targetsOf(name: string): Promise<TargetStatus[]> {
    return (await sandbox.status())?.targets.filter((target) => target.name === name) ?? [];
  }

  /** Waits until this many targets are all healthy; returns their status. */
  function allHealthy(name: string, count: number): Promise<TargetStatus[]> {
    return until(
      `${count} of ${name} are healthy`,
      async () => {
        const targets = await targetsOf(name);
        const isWell =
          targets.length === count && targets.every((each) => each.state === 'healthy');
        if (isWell) return targets;
        throw new Error(targets.map(({ summary }) => summary).join('; '));
      },
      { everyMs: 200, withinMs: 30_000 },
    );
  }

  /** The pid that follows `pid` as the one of this pm_id, and how long that took. */
  async function replaced(pmId: number, pid: number): Promise<{ pid: number; afterMs: number }> {
    const beganAt = performance.now();
    const next = await until(
      `${pid} is replaced`,
      async () => {
        const found = (await sandbox.list()).find((entry) => entry.pm_id === pmId);
        const isNew = found && found.pid > 0 && found.pid !== pid;
        return isNew && found.pm2_env.status === 'online' ? found.pid : null;
      },
      { withinMs: NOTICE_MS + MEND_MS },
    );
    return { pid: next, afterMs: Math.round(performance.now() - beganAt) };
  }

  for (const [what, signal, more] of [
    ['that burns its CPU', 'SIGUSR2', {}],
    ['that is stopped', 'SIGSTOP', {}],
    ['that sends them by hand', 'SIGSTOP', { env: { BY_HAND: '1' } }],
  ] as const) {
    test(`in fork mode, ${what}, is restarted once`, async (context) => {
      const name = `fork-${what.split(' ').at(-1)}`;
      await start(name, more);
      const { pid, pm_id: pmId } = await sandbox.app(name);
      process.kill(pid, signal);
      const { afterMs } = await replaced(pmId, pid);
      context.diagnostic(`replaced after ${afterMs} ms`);
      const [target] = await allHealthy(name, 1);
      assert.deepEqual([target?.restarts.total, target?.incident], [1, null]);
      assert.equal(isAlive(pid), false);
      assert.match(target?.last?.detail ?? '', /^last heartbeat \d+ ms ago$/);
      const lines = await sandbox.linesAbout(name);
      const line = lines.find((each) => each.startsWith(`${name}: restarting`));
      assert.match(line ?? lines.join('\n'), /checks? timed out \(no heartbeat for \d/);
      await sandbox.pm2('delete', name);
    });
  }

  test('in cluster mode, has the one worker replaced that hangs, and no other', async (context) => {
    await start('three', { exec_mode: 'cluster', instances: 3 });
    const before = await instancesOf('three');
    assert.deepEqual(
      (await targetsOf('three')).map(({ instance }) => instance),
      [0, 1, 2],
    );
    for (const [at, signal] of [
      [1, 'SIGSTOP'],
      [2, 'SIGUSR2'],
    ] as const) {
      const now = await instancesOf('three');
      const hung = now[at] ?? assert.fail('there is no such worker');
      process.kill(hung.pid, signal);
      const { afterMs } = await replaced(hung.pm_id, hung.pid);
      context.diagnostic(`${signal}: replaced after ${afterMs} ms`);
      await allHealthy('three', 3);
      const others = (list: readonly Listed[]): number[] =>
        list.filter(({ pm_id }) => pm_id !== hung.pm_id).map(({ pid }) => pid);
      assert.deepEqual(others(await instancesOf('three')), others(now), 'its siblings are kept');
      await until('the hung process is gone', () => !isAlive(hung.pid));
    }
    const totals = (await targetsOf('three')).map(({ restarts }) => restarts.total);
    assert.deepEqual(totals, [0, 1, 1]);
    assert.equal((await instancesOf('three'))[0]?.pid, before[0]?.pid);
    await sandbox.pm2('delete', 'three');
  });

  test('is not restarted for the silence of a daemon that is held up', async () => {
    await start('web');
    const { pid } = await sandbox.app('web');
    const daemon = await sandbox.daemon();
    process.kill(daemon, 'SIGSTOP');
    try {
      await until(
        'the monitor says so',
        async () => (await targetsOf('web'))[0]?.state === 'unknown',
        {
          everyMs: 300,
          withinMs: 30_000,
        },
      );
    } finally {
      process.kill(daemon, 'SIGCONT');
    }
    await allHealthy('web', 1);
    await holds('it is kept', 3_000, async () => (await sandbox.app('web')).pid === pid);
    assert.equal((await targetsOf('web'))[0]?.restarts.total, 0);
  });

  test('is not restarted by us for the silence of pm2 update, or of a daemon killed and resurrected', async () => {
    const { exitCode, text } = await sandbox.pm2('save');
    assert.equal(exitCode, 0, text);
    for (const renew of [
      async (): Promise<void> => void (await sandbox.pm2('update')),
      async (): Promise<void> => {
        const daemon = await sandbox.daemon();
        process.kill(daemon, 'SIGKILL');
        await until('the daemon is gone', () => !isAlive(daemon));
        await sandbox.pm2('resurrect');
      },
    ]) {
      const daemon = await sandbox.daemon();
      await renew();
      await until('there is another daemon', async () => {
        const now = await sandbox.daemon();
        return (
          now > 0 && now !== daemon && (await callDaemon(sandbox.home, 'getMonitorData')) !== null
        );
      });
      await allHealthy('web', 1);
      const { pid, pm2_env: env } = await sandbox.app('web');
      await holds('it is kept', 4_000, async () => (await sandbox.app('web')).pid === pid);
      assert.equal((await sandbox.app('web')).pm2_env.restart_time, env.restart_time);
      assert.equal((await targetsOf('web'))[0]?.restarts.total, 0);
    }
  });
});
