import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { Pm2Sandbox } from '../support/pm2-sandbox.ts';
import { holds } from '../support/until.ts';
import { ViteApp } from '../support/vite-app.ts';

// The bounds that the README gives for the default settings (period 5 s, fast period 1 s,
// timeout 2 s, threshold 3): the longest wait for the next probe, three bad samples, PM2's kill
// timeout where the app cannot end by itself, and the app's own start.
const JITTER = 1.1;
const PERIOD_MS = 5_000 * JITTER;
const FAST_MS = 1_000 * JITTER;
const TIMEOUT_MS = 2_000;
const PM2_KILL_MS = 1_600;
const START_MS = 3_000;
const HANG_BOUND_MS = PERIOD_MS + 3 * TIMEOUT_MS + PM2_KILL_MS + START_MS;
const ERROR_BOUND_MS = PERIOD_MS + 2 * FAST_MS + START_MS;

describe('the default settings', () => {
  let sandbox: Pm2Sandbox;
  let app: ViteApp;

  before(async () => {
    [sandbox, app] = await Promise.all([Pm2Sandbox.create(), ViteApp.create()]);
    await sandbox.start(app.entry('web', {}));
    await sandbox.startMonitor();
    await sandbox.reaches('web', 'healthy');
  });

  after(async () => {
    await sandbox.destroy();
    await app.destroy();
  });

  async function ours(): Promise<number> {
    return (await sandbox.target('web')).restarts.total;
  }

  test('a crash is PM2’s to fix', async () => {
    const { pid } = await sandbox.app('web');
    const killedAt = performance.now();
    process.kill(pid, 'SIGKILL');
    await app.backAfter(killedAt);
    await sandbox.reaches('web', 'healthy');
    assert.equal(await ours(), 0);
  });

  for (const count of [1, 2]) {
    test(`a hang is fixed within the bound, time ${count}`, async (t) => {
      const { pid } = await sandbox.app('web');
      const hungAt = performance.now();
      process.kill(pid, 'SIGSTOP');
      const ms = await app.backAfter(hungAt);
      t.diagnostic(`back after ${Math.round(ms)} ms, bound ${Math.round(HANG_BOUND_MS)} ms`);
      assert.ok(ms < HANG_BOUND_MS, `back after ${ms} ms`);
      await sandbox.reaches('web', 'healthy');
      assert.equal(await ours(), count);
    });
  }

  test('answers of 500 are fixed within the bound', async (t) => {
    const brokenAt = performance.now();
    await app.breakServer();
    const ms = await app.backAfter(brokenAt);
    t.diagnostic(`back after ${Math.round(ms)} ms, bound ${Math.round(ERROR_BOUND_MS)} ms`);
    assert.ok(ms < ERROR_BOUND_MS, `back after ${ms} ms`);
    await sandbox.reaches('web', 'healthy');
    assert.equal(await ours(), 3);
  });

  test('a syntax error is found by the deep check, and is not restarted', async () => {
    const repair = await app.edit('src/notebook/notes.ts', (text) => `${text}\nconst = ;\n`);
    // The deep check comes every 60 s; its result is reported up to one period later.
    const degraded = await sandbox.reaches('web', 'degraded', 60_000 + 2 * PERIOD_MS);
    assert.match(degraded.summary, /src\/notebook\/notes\.ts/);
    await holds('it is not restarted', 6_000, async () => (await ours()) === 3);
    await repair();
    await sandbox.reaches('web', 'healthy', 3 * PERIOD_MS);
    assert.equal(await ours(), 3);
  });
});
