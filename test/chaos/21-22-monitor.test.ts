import assert from 'node:assert/strict';
import { join } from 'node:path';
import type { Pm2Sandbox } from '../support/pm2-sandbox.ts';
import { scenario } from '../support/scenario.ts';
import { holds, until } from '../support/until.ts';
import { WatchedVite } from '../support/watched-vite.ts';

const root = new URL('../..', import.meta.url).pathname;

scenario(21, '', async (stage) => {
  const web = await WatchedVite.start(stage);
  const { sandbox } = web;
  await sandbox.start({
    name: 'pm2-liveness-2',
    script: join(root, 'dist/main.js'),
    cwd: root,
    pmx: false,
  });
  await until('the second one stands by', async () =>
    (await sandbox.output('pm2-liveness-2')).includes('standby: another monitor leads'),
  );
  await web.signal('SIGSTOP');
  await web.restarted(1, 15_000);
  await web.healthy();
  await holds('one of them acted', 3_000, async () => (await web.restarts()).pm2 === 1);
  assert.doesNotMatch(await sandbox.output('pm2-liveness-2'), /web: failing/);
  process.kill((await sandbox.app('pm2-liveness')).pid, 'SIGKILL');
  const killedAt = performance.now();
  const { pid: second } = await sandbox.app('pm2-liveness-2');
  await until('the other leads', async () => (await sandbox.status())?.monitor.pid === second, {
    withinMs: 5_000,
  });
  await web.healthy();
  const ms = performance.now() - killedAt;
  assert.equal((await sandbox.target(web.name)).restarts.used, 1, 'the budget is kept');
  await web.signal('SIGSTOP');
  await until('it is mended again', async () => (await web.restarts()).pm2 === 2);
  await web.healthy();
  const { state, restarts } = await sandbox.target(web.name);
  assert.equal(restarts.used, 2);
  return { restarts: restarts.used, to200Ms: ms, final: state };
});

scenario(22, '', async (stage) => {
  const web = await WatchedVite.start(stage, { block: { startupTimeout: '2s' } });
  const { sandbox } = web;
  await web.app.spoilStart(3_600_000);
  await sandbox.pm2('restart', web.name);
  await until('it waits for its second restart', async () => {
    const { restarts, state } = await sandbox.target(web.name);
    return restarts.used === 1 && state === 'backoff';
  });
  await killMonitor(sandbox);
  const { restarts } = await sandbox.reaches(web.name, 'open', 40_000);
  assert.equal(restarts.used, 2);
  await killMonitor(sandbox);
  await sandbox.reaches(web.name, 'open', 40_000);
  // One by the operator, two by us, over three monitors.
  const isSo = async (): Promise<boolean> =>
    (await sandbox.app(web.name)).pm2_env.restart_time === 3;
  await holds('not one restart too many', 4_000, isSo);
  const target = await sandbox.target(web.name);
  return { restarts: target.restarts.used, to200Ms: null, final: target.state };
});

/** Ends the monitor without a word; PM2 brings it back, and it answers. */
async function killMonitor(sandbox: Pm2Sandbox): Promise<void> {
  const { pid } = await sandbox.app('pm2-liveness');
  process.kill(pid, 'SIGKILL');
  await until('PM2 has a new monitor', async () => {
    const now = (await sandbox.status())?.monitor.pid;
    return now !== undefined && now !== pid;
  });
}
