import assert from 'node:assert/strict';
import { setTimeout as sleep } from 'node:timers/promises';
import { scenario } from '../support/scenario.ts';
import { SwitchedServer } from '../support/switched-server.ts';
import { holds, until } from '../support/until.ts';
import { statusOf } from '../support/vite-app.ts';

scenario(30, '', async (stage) => {
  const sandbox = await stage.pm2();
  const periods = ['300ms', '500ms', '1s', '2s'];
  const servers = await Promise.all(
    periods.map((period, nth) => SwitchedServer.create(sandbox, `app-${nth}`, { period })),
  );
  await sandbox.start(...servers.map(({ app }) => app));
  for (const { name } of servers) await sandbox.reaches(name, 'healthy');
  await Promise.all(servers.map((server) => server.on('bad')));
  await sleep(7_000);
  // The fault ends a little later for the last one, or it was probed last.
  const [last, ...others] = servers;
  assert.ok(last);
  await Promise.all(others.map((server) => server.off('bad')));
  for (const { name } of others) await sandbox.reaches(name, 'healthy');
  const isLeft = async (): Promise<boolean> => {
    const { restarts, summary } = await sandbox.target(last.name);
    return restarts.total === 0 && /held for .* many apps began to fail together/.test(summary);
  };
  await holds('the last one is held on', 3_000, isLeft);
  await last.off('bad');
  const { state } = await sandbox.reaches(last.name, 'healthy');
  let total = 0;
  for (const { name } of servers) total += (await sandbox.target(name)).restarts.total;
  assert.equal(total, 0);
  return { restarts: total, to200Ms: null, final: state };
});

scenario(38, '', async (stage) => {
  const sandbox = await stage.pm2();
  const slow = await SwitchedServer.create(
    sandbox,
    'slow',
    {},
    { wait_ready: true, listen_timeout: 60_000 },
  );
  const other = await SwitchedServer.create(sandbox, 'other');
  await sandbox.start(slow.app, other.app);
  for (const { name } of [slow, other]) await sandbox.reaches(name, 'healthy');
  await slow.on('mute');
  process.kill((await sandbox.app('slow')).pid, 'SIGSTOP');
  await until('PM2 restarts it, and waits for its word', async () => {
    const { pm2_env } = await sandbox.app('slow');
    return pm2_env.status === 'launching';
  });
  const launchedAt = performance.now();
  await sandbox.reaches('slow', 'healthy', 5_000);
  assert.equal((await sandbox.app('slow')).pm2_env.status, 'launching', 'PM2 waits for it still');
  // Not by a signal: an app that is proven to be stopped waits for nobody.
  await other.hang((await sandbox.app('other')).pid);
  const hungAt = performance.now();
  await until('it is told whom it waits for', async () => {
    const { summary, next } = await sandbox.target('other');
    assert.doesNotMatch(summary, /next restart in 0/);
    return summary.endsWith('waits for the restart of slow') && next.at === null;
  });
  // Three answers of 800 ms at most, what is left of 10 s, PM2's 1.6 s, a start; and some patience.
  await until('the other is back', async () => (await statusOf(other.url, 500)) === 200, {
    withinMs: 18_000,
  });
  const ms = performance.now() - hungAt;
  const { state, restarts } = await sandbox.reaches('other', 'healthy');
  assert.equal((await sandbox.app('slow')).pm2_env.status, 'launching');
  assert.ok(performance.now() - launchedAt < 55_000);
  assert.equal((await sandbox.target('slow')).restarts.total, 1);
  return { restarts: restarts.total, to200Ms: ms, final: state };
});
