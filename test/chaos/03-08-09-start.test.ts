import assert from 'node:assert/strict';
import { scenario } from '../support/scenario.ts';
import { holds, until } from '../support/until.ts';
import { WatchedVite } from '../support/watched-vite.ts';

scenario(3, '', async (stage) => {
  const web = await WatchedVite.start(stage, {
    block: { restarts: { cooldown: '10s' } },
    fields: { max_restarts: 2, min_uptime: 20_000 },
  });
  await web.app.spoilStart(true);
  await web.signal('SIGKILL');
  await until('PM2 gives it up', async () => {
    return (await web.sandbox.app(web.name)).pm2_env.status === 'errored';
  });
  await web.app.spoilStart(false);
  const mendedAt = performance.now();
  await web.healthy();
  const ms = performance.now() - mendedAt;
  assert.equal((await web.restarts()).ours, 1);
  assert.ok(ms < 16_000, `back ${ms} ms after its cause was mended`);
  return web.figures(ms);
});

scenario(8, '', async (stage) => {
  const web = await WatchedVite.start(stage);
  await web.app.spoilStart(60_000);
  await web.sandbox.pm2('restart', web.name);
  const beganAt = performance.now();
  const pid = await web.pid();
  await holds('it is given its time', 58_000, async () => (await web.pid()) === pid);
  await web.healthy();
  assert.equal(await web.pid(), pid);
  assert.equal((await web.restarts()).ours, 0);
  return web.figures(performance.now() - beganAt);
});

scenario(9, '', async (stage) => {
  // It never listens: two restarts bring nothing; then one trial a cooldown, each twice as long.
  const web = await WatchedVite.start(stage, {
    block: { startupTimeout: '2s', restarts: { cooldown: '8s', maxCooldown: '60s' } },
  });
  await web.app.spoilStart(3_600_000);
  assert.equal((await web.restarts()).ours, 0);
  await web.sandbox.pm2('restart', web.name);
  await web.sandbox.reaches(web.name, 'open', 40_000);
  assert.equal((await web.restarts()).ours, 2);
  await holds('it is left alone', 5_000, async () => (await web.restarts()).ours === 2);
  await web.restarted(3, 10_000);
  // The trial fails too, and the next one comes after twice the cooldown.
  await web.sandbox.reaches(web.name, 'open', 20_000);
  await holds('it is left alone', 12_000, async () => (await web.restarts()).ours === 3);
  await web.app.spoilStart(false);
  const mendedAt = performance.now();
  await web.restarted(4, 12_000);
  await web.healthy();
  return web.figures(performance.now() - mendedAt);
});
