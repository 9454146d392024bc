import assert from 'node:assert/strict';
import { createOsReader } from '../../src/os/create-reader.ts';
import { treeOf } from '../../src/os/tree.ts';
import { foreignServer } from '../support/foreign-server.ts';
import { scenario } from '../support/scenario.ts';
import { holds, until } from '../support/until.ts';
import { FAST, WatchedVite } from '../support/watched-vite.ts';

scenario(11, '', async (stage) => {
  const web = await WatchedVite.start(stage, { fields: { max_restarts: 1_000 } });
  // Its next start is slow, so that the stranger comes first.
  await web.app.spoilStart(6_000);
  const taking = foreignServer(stage, web.app.port);
  await web.signal('SIGKILL');
  const foreign = await taking;
  await web.app.spoilStart(false);
  const { state, last, summary } = await until('it is named', async () => {
    const target = await web.sandbox.target(web.name);
    return target.summary.includes(`process ${foreign.pid}`) ? target : null;
  });
  assert.equal(state, 'degraded');
  assert.equal(last?.class, 'impostor');
  assert.match(summary, /is held by process \d+ \(.*node.*\), which is not web/);
  await holds('it is left alone, and no loop of ours begins', 60_000, async () => {
    const { ours } = await web.restarts();
    return ours === 0 && foreign.exitCode === null && foreign.signalCode === null;
  });
  const freedAt = performance.now();
  foreign.kill('SIGKILL');
  await web.healthy();
  return web.figures(performance.now() - freedAt);
});

scenario(12, '', async (stage) => {
  const [sandbox, app] = await Promise.all([stage.pm2(), stage.vite()]);
  const entry = app.entry('web', FAST);
  const args = ['run', 'dev', '--', ...(entry.args ?? [])];
  await sandbox.start({ ...entry, script: 'npm', args });
  await sandbox.reaches('web', 'healthy', 40_000);
  const [orphan] = await listenersOn(app.port);
  const { pid: npm } = await sandbox.app('web');
  assert.ok(orphan !== undefined && orphan !== npm);
  const killedAt = performance.now();
  process.kill(npm, 'SIGKILL');
  const holder = await until('the app itself has its port again', async () => {
    const table = await createOsReader().processes();
    const [listener] = await listenersOn(app.port);
    const tree = table ? treeOf(table, (await sandbox.app('web')).pid) : [];
    const isIts = listener !== orphan && tree.some(({ pid }) => pid === listener);
    return isIts && (await app.page()) === 200 ? listener : null;
  });
  const ms = performance.now() - killedAt;
  // One incarnation of npm and Vite finds the port taken and reports it, and the next one gets it.
  assert.ok(ms < 8_000, `back under PM2 after ${ms} ms`);
  await sandbox.reaches('web', 'healthy');
  assert.deepEqual(await listenersOn(app.port), [holder]);
  assert.match(
    await sandbox.output('pm2-liveness'),
    new RegExp(`${orphan}.*an old process of web`),
  );
  const { pid } = await sandbox.app('web');
  await holds('no loop', 4_000, async () => (await sandbox.app('web')).pid === pid);
  const { state, restarts } = await sandbox.target('web');
  assert.equal(restarts.used, 1);
  return { restarts: restarts.used, to200Ms: ms, final: state };
});

/** The pids that listen on a port. */
async function listenersOn(port: number): Promise<readonly number[]> {
  const listeners = await createOsReader().listeners(port);
  return [...new Set((listeners ?? []).flatMap(({ pids }) => pids ?? []))];
}
