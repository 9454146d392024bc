import assert from 'node:assert/strict';
import { createOsReader } from '../../src/os/create-reader.ts';
import { scenario } from '../support/scenario.ts';
import { until } from '../support/until.ts';
import { FAST, WatchedVite } from '../support/watched-vite.ts';
import { setTimeout as sleep } from 'node:timers/promises';

scenario(13, '', async (stage) => {
  const [sandbox, ...apps] = await Promise.all([
    stage.pm2({ monitor: false }),
    stage.vite(),
    stage.vite(),
  ]);
  const names = ['one', 'two'];
  // Without PM2's own probe inside they survive the daemon, as any other program does.
  const entries = apps.map((app, at) => ({ ...app.entry(names[at] ?? '', FAST), pmx: false }));
  await sandbox.start(...entries);
  await sandbox.startMonitor();
  for (const name of names) await sandbox.reaches(name, 'healthy', 30_000);
  await sandbox.pm2('save');
  const left = await Promise.all(names.map(async (name) => (await sandbox.app(name)).pid));
  process.kill(await sandbox.daemon(), 'SIGKILL');
  const killedAt = performance.now();
  await until('the apps outlive it', async () => (await apps[0]?.page()) === 200);
  const { exitCode, text } = await sandbox.pm2('resurrect');
  assert.equal(exitCode, 0, text);
  for (const name of names) await sandbox.reaches(name, 'healthy', 30_000);
  const ms = performance.now() - killedAt;
  assert.ok(ms < 20_000, `healthy after ${ms} ms`);
  const births = await createOsReader().births(left);
  assert.deepEqual([...(births ?? [])], [], 'the left-overs are gone');
  for (const [at, name] of names.entries()) {
    const listeners = await createOsReader().listeners(apps[at]?.port ?? 0);
    const { pid } = await sandbox.app(name);
    assert.deepEqual(
      listeners?.flatMap((each) => each.pids ?? []),
      [pid],
    );
  }
  const used = await Promise.all(
    names.map(async (name) => (await sandbox.target(name)).restarts.used),
  );
  return { restarts: Math.max(...used), to200Ms: ms, final: 'both healthy' };
});

scenario(18, '', async (stage) => {
  const web = await WatchedVite.start(stage);
  const daemon = await web.sandbox.daemon();
  // The app hangs at the same moment, so that a restart is wanted all the time.
  await web.signal('SIGSTOP');
  process.kill(daemon, 'SIGSTOP');
  stage.defer(() => void process.kill(daemon, 'SIGCONT'));
  const frozenAt = performance.now();
  await until('it is said that nothing is judged', async () => {
    const { state, summary } = await web.sandbox.target(web.name);
    return state === 'unknown' && summary.includes('PM2 does not answer');
  });
  await sleep(Math.max(0, frozenAt + 30_000 - performance.now()));
  process.kill(daemon, 'SIGCONT');
  const thawedAt = performance.now();
  await web.restarted(1, 40_000);
  await web.healthy();
  const ms = performance.now() - thawedAt;
  // Calls to PM2 while it was frozen would run now.
  await sleep(3_000);
  assert.deepEqual(await web.restarts(), { pm2: 1, ours: 1 });
  return web.figures(ms);
});
