import assert from 'node:assert/strict';
import { scenario } from '../support/scenario.ts';
import { holds, until } from '../support/until.ts';
import { WatchedVite } from '../support/watched-vite.ts';

scenario(1, '', async (stage) => {
  const web = await WatchedVite.start(stage);
  const beganAt = performance.now();
  await web.signal('SIGKILL');
  const ms = await web.app.backAfter(beganAt);
  await web.healthy();
  await holds('only PM2 restarted it', 4_000, async () => {
    const { pm2, ours } = await web.restarts();
    return pm2 === 1 && ours === 0;
  });
  return web.figures(ms);
});

scenario(2, '', async (stage) => {
  const web = await WatchedVite.start(stage, {
    block: { restarts: { cooldown: '2s', maxCooldown: '2s' } },
    fields: { restart_delay: 6_000, max_restarts: 100 },
  });
  await web.app.spoilStart(true);
  await web.signal('SIGKILL');
  await until('PM2 waits between the starts', async () => {
    return (await web.sandbox.app(web.name)).pm2_env.status === 'waiting restart';
  });
  const { length } = await web.sandbox.output('pm2-liveness');
  await holds('it is left to PM2', 15_000, async () => (await web.restarts()).ours === 0);
  const told = (await web.sandbox.output('pm2-liveness')).slice(length);
  assert.doesNotMatch(told, /: (restarting|trial restart): /);
  await web.app.spoilStart(false);
  const mendedAt = performance.now();
  await web.healthy();
  return web.figures(performance.now() - mendedAt);
});
