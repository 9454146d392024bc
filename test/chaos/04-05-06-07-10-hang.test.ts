import assert from 'node:assert/strict';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { STOPPED_MS } from '../../src/diagnosis/stop-watch.ts';
import { scenario } from '../support/scenario.ts';
import { holds } from '../support/until.ts';
import { WatchedVite } from '../support/watched-vite.ts';

/** Three periods and a timeout, PM2's kill timeout, and the start of the server, with room for a slow machine. */
const HANG_BOUND_MS = 12_000;

for (const ms of [300, 600, 850]) {
  scenario(4, `for ${ms} ms, ten times`, async (stage) => {
    const web = await WatchedVite.start(stage);
    const pid = await web.pid();
    let longer = 0;
    for (let time = 0; time < 10 && longer === 0; time += 1) {
      const beganAt = performance.now();
      process.kill(pid, 'SIGSTOP');
      await new Promise((resolve) => setTimeout(resolve, ms));
      process.kill(pid, 'SIGCONT');
      // This process may have had to wait for a processor.
      if (performance.now() - beganAt >= STOPPED_MS) longer += 1;
      else await web.healthy();
    }
    await holds('it is left alone', 4_000, async () => longer > 0 || (await web.pid()) === pid);
    await web.healthy();
    assert.ok((await web.restarts()).ours <= longer);
    return web.figures(null);
  });
}

for (const { version } of [{ version: 8 }, { version: 7 }] as const) {
  scenario(5, `Vite ${version}`, async (stage) => {
    const web = await WatchedVite.start(stage, { vite: { version } });
    let slowest = 0;
    for (const times of [1, 2]) {
      const beganAt = performance.now();
      await web.signal('SIGSTOP');
      slowest = Math.max(slowest, await web.app.backAfter(beganAt));
      await web.healthy();
      assert.deepEqual(await web.restarts(), { pm2: times, ours: times });
    }
    assert.ok(slowest < HANG_BOUND_MS, `back after ${slowest} ms`);
    return web.figures(slowest);
  });
}

scenario(6, '', async (stage) => {
  const web = await WatchedVite.start(stage);
  const pid = await web.pid();
  const beganAt = performance.now();
  await web.app.work(20_000);
  await web.sandbox.reaches(web.name, 'failing');
  await web.healthy();
  const ms = performance.now() - beganAt;
  assert.ok(ms > 18_000, `it was busy for ${ms} ms only`);
  assert.equal(await web.pid(), pid);
  assert.equal((await web.restarts()).ours, 0);
  return web.figures(ms);
});

scenario(7, '', async (stage) => {
  const [sandbox, app] = await Promise.all([stage.pm2(), stage.vite()]);
  // It shuts itself down, and PM2 gives it this long for it. In a busy loop it cannot: nothing is gained by waiting.
  const shutdown = join(app.dir, 'shutdown.cjs');
  await writeFile(shutdown, "process.on('SIGINT', () => process.exit(0));");
  const fields = { kill_timeout: 60_000, node_args: ['--require', shutdown] };
  const web = await WatchedVite.begin(sandbox, app, { block: { busyGrace: '10s' }, fields });
  const pid = await web.pid();
  const beganAt = performance.now();
  await web.app.work(Number.POSITIVE_INFINITY);
  await holds('it is given its grace', 9_000, async () => (await web.pid()) === pid);
  await web.restarted(1, 15_000);
  // Half of its `kill_timeout`: enough for a slow machine, and not for a monitor that waits.
  await web.healthy(30_000);
  assert.notEqual(await web.pid(), pid);
  return web.figures(performance.now() - beganAt);
});

scenario(10, '', async (stage) => {
  const web = await WatchedVite.start(stage);
  const beganAt = performance.now();
  await web.app.silence();
  const ms = await web.app.backAfter(beganAt);
  await web.healthy();
  assert.ok(ms < HANG_BOUND_MS, `back after ${ms} ms`);
  assert.equal((await web.restarts()).ours, 1);
  assert.match(
    await web.sandbox.output('pm2-liveness'),
    /web: restarting: 3 of 3 checks timed out/,
  );
  return web.figures(ms);
});
