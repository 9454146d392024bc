import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { Pm2Sandbox } from '../support/pm2-sandbox.ts';
import { holds, until } from '../support/until.ts';
import { ViteApp } from '../support/vite-app.ts';

describe('a real Vite dev server under a real PM2, period 1 s, timeout 1 s, threshold 3', () => {
  let sandbox: Pm2Sandbox;
  let app: ViteApp;

  before(async () => {
    [sandbox, app] = await Promise.all([Pm2Sandbox.create(), ViteApp.create()]);
    const block = { period: '1s', timeout: '1s', failureThreshold: 3 } as const;
    await sandbox.start(app.entry('web', block));
    await sandbox.startMonitor();
    await sandbox.reaches('web', 'healthy');
  });

  after(async () => {
    await sandbox.destroy();
    await app.destroy();
  });

  /** Restarts by PM2 and restarts by us so far. */
  async function counts(): Promise<{ pm2: number; ours: number }> {
    const [{ pm2_env: env }, target] = await Promise.all([
      sandbox.app('web'),
      sandbox.target('web'),
    ]);
    return { pm2: env.restart_time, ours: target.restarts.total };
  }

  test('killed: PM2 revives it, and we cause no restart', async () => {
    const before = await counts();
    const { pid } = await sandbox.app('web');
    const killedAt = performance.now();
    process.kill(pid, 'SIGKILL');
    await app.backAfter(killedAt);
    await sandbox.reaches('web', 'healthy');
    await holds('nothing restarts it again', 4_000, async () => {
      const now = await counts();
      return now.pm2 === before.pm2 + 1 && now.ours === before.ours;
    });
  });

  for (const time of ['first', 'second'] as const) {
    test(`hung (SIGSTOP) for the ${time} time: one restart, back within 8 s`, async (t) => {
      const before = await counts();
      const { pid } = await sandbox.app('web');
      const hungAt = performance.now();
      process.kill(pid, 'SIGSTOP');
      const ms = await app.backAfter(hungAt);
      t.diagnostic(`back after ${Math.round(ms)} ms`);
      assert.ok(ms < 8_000, `back after ${ms} ms`);
      await sandbox.reaches('web', 'healthy');
      assert.deepEqual(await counts(), { pm2: before.pm2 + 1, ours: before.ours + 1 });
    });
  }

  test('answers 500 to everything: one restart, back within 6 s', async (t) => {
    const before = await counts();
    const brokenAt = performance.now();
    await app.breakServer();
    const ms = await app.backAfter(brokenAt);
    t.diagnostic(`back after ${Math.round(ms)} ms`);
    assert.ok(ms < 6_000, `back after ${ms} ms`);
    await sandbox.reaches('web', 'healthy');
    assert.deepEqual(await counts(), { pm2: before.pm2 + 1, ours: before.ours + 1 });
  });

  test('a syntax error in the source: degraded and named, no restart, over when fixed', async () => {
    const before = await counts();
    // The deep check finds what is broken; it starts again with each incarnation of the server.
    await sandbox.pm2('restart', 'web');
    await sandbox.reaches('web', 'healthy');
    const repair = await app.edit('src/App.tsx', (text) => `${text}\nexport const broken = (;\n`);
    await sandbox.pm2('restart', 'web');
    const degraded = await sandbox.reaches('web', 'degraded', 40_000);
    assert.match(degraded.summary, /src\/App\.tsx/);
    assert.equal(degraded.last?.class, 'source');
    // A busy machine makes a page late now and then; the incident stays what it is.
    await holds('the incident goes on, and it is not restarted', 5_000, async () => {
      const { incident, restarts } = await sandbox.target('web');
      return incident?.cause === 'source' && restarts.total === before.ours;
    });
    await repair();
    await sandbox.reaches('web', 'healthy');
    assert.deepEqual(await counts(), { pm2: before.pm2 + 2, ours: before.ours });
  });

  test('stopped by the operator: stays stopped, and is watched again when started', async () => {
    const before = await counts();
    await sandbox.pm2('stop', 'web');
    await sandbox.reaches('web', 'paused');
    await holds('it stays stopped', 8_000, async () => {
      return (await sandbox.app('web')).pm2_env.status === 'stopped';
    });
    await sandbox.pm2('start', 'web');
    await sandbox.reaches('web', 'healthy');
    assert.equal((await counts()).ours, before.ours);
    const { pid } = await sandbox.app('web');
    process.kill(pid, 'SIGSTOP');
    await app.backAfter(performance.now());
    assert.equal((await counts()).ours, before.ours + 1);
  });

  test('deleted by the operator: no longer watched, and never brought back', async () => {
    await sandbox.pm2('delete', 'web');
    await until('it is dropped', async () => (await sandbox.status())?.targets.length === 0);
    await holds('it stays deleted', 4_000, async () => {
      return (await sandbox.list()).every(({ name }) => name !== 'web');
    });
  });
});
