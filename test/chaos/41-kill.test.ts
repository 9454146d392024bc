import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Pm2Sandbox } from '../support/pm2-sandbox.ts';
import { scenario, type Figures, type Stage } from '../support/scenario.ts';
import { SwitchedServer } from '../support/switched-server.ts';
import { canFreeze, deafen, deafHook, freeze, type Unkillable } from '../support/unkillable.ts';
import { holds, until } from '../support/until.ts';
import { statusOf } from '../support/vite-app.ts';

/** The app hangs in a way that no signal ends, and is let go when PM2 has given it up for a while. */
async function play(
  stage: Stage,
  sandbox: Pm2Sandbox,
  hold: (pid: number) => Promise<Unkillable>,
): Promise<Figures> {
  stage.defer(() => sandbox.destroy());
  await sandbox.startMonitor();
  const server = await SwitchedServer.create(sandbox, 'web');
  await sandbox.start(server.app);
  await sandbox.reaches('web', 'healthy');
  const { pid } = await sandbox.app('web');
  const held = await hold(pid);
  // Also where the scenario fails: nobody else can end it.
  stage.defer(() => held.letGo().catch(() => undefined));
  const told = await until('it is told that it could not be ended', async () => {
    const { summary } = await sandbox.target('web');
    return /could not stop/.test(summary) ? summary : null;
  });
  assert.match(told, new RegExp(`process ${pid}, not even with SIGKILL.*pid ${pid} still runs`));
  await holds('nothing is spent, and it is waited for', 6_000, async () => {
    const { state, restarts } = await sandbox.target('web');
    return state === 'backoff' && restarts.used === 0 && restarts.total === 0;
  });
  await held.letGo();
  const goneAt = performance.now();
  // PM2's list is read every 2 s, a stop is believed after half a second, and an idle loop runs every second.
  await until('it is back', async () => (await statusOf(server.url, 500)) === 200, {
    withinMs: 8_000,
  });
  const ms = performance.now() - goneAt;
  const { state, restarts } = await sandbox.reaches('web', 'healthy');
  assert.equal(restarts.used, 1);
  const log = await sandbox.output('pm2-liveness');
  assert.equal(log.match(/restart not possible yet/g)?.length, 1);
  return { restarts: restarts.total, to200Ms: ms, final: state };
}

scenario(41, 'PM2 cannot signal it', async (stage) => {
  const folder = await mkdtemp(join(tmpdir(), 'pl-deaf-'));
  stage.defer(() => rm(folder, { recursive: true, force: true }));
  const { hook, deaf } = await deafHook(folder);
  const sandbox = await Pm2Sandbox.create({ env: { NODE_OPTIONS: `--require ${hook}` } });
  return play(stage, sandbox, (pid) => deafen(pid, deaf));
});

if (canFreeze()) {
  scenario(41, 'frozen by the kernel', async (stage) => {
    return play(stage, await Pm2Sandbox.create(), freeze);
  });
}
