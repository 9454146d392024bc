import assert from 'node:assert/strict';
import { mkdir, rename, rm, stat, unlink } from 'node:fs/promises';
import { join } from 'node:path';
import { requestMonitor } from '../../src/control/client.ts';
import { socketPathOf } from '../../src/control/socket-path.ts';
import { scenario } from '../support/scenario.ts';
import { holds, until } from '../support/until.ts';
import { WatchedVite } from '../support/watched-vite.ts';

const root = new URL('../..', import.meta.url).pathname;

/** What happens to the folder, while one monitor leads and another stands by. */
const LOSSES: Readonly<Record<string, (dir: string) => Promise<void>>> = {
  removed: (dir) => rm(dir, { recursive: true }),
  'moved, an empty one in its place': async (dir) => {
    await rename(dir, `${dir}.away`);
    await mkdir(dir);
  },
};

for (const [what, lose] of Object.entries(LOSSES)) {
  scenario(40, what, async (stage) => {
    const web = await WatchedVite.start(stage);
    const { sandbox } = web;
    const dir = join(sandbox.home, 'pm2-liveness');
    const script = join(root, 'dist/main.js');
    await sandbox.start({ name: 'pm2-liveness-2', script, cwd: root, pmx: false });
    await until('the second one stands by', async () =>
      (await sandbox.output('pm2-liveness-2')).includes('standby: another monitor leads'),
    );
    await web.signal('SIGSTOP');
    await web.restarted(1, 20_000);
    await web.healthy();
    const leader = (await sandbox.status())?.monitor.pid;
    const { path } = socketPathOf(sandbox.home);
    const body = { app: web.name };
    await requestMonitor(path, 'POST', '/pause', { timeoutMs: 5_000, body });
    await lose(dir);
    await web.signal('SIGSTOP');
    await until('the same one answers on a socket of its own', async () => {
      await stat(path);
      return (await sandbox.status())?.monitor.pid === leader;
    });
    await holds('paused is paused, and one leads', 6_000, async () => {
      const status = await sandbox.status();
      const target = status?.targets.find(({ name }) => name === web.name);
      const isSame = status?.monitor.pid === leader && target?.restarts.used === 1;
      return isSame && target?.state === 'paused' && (await web.restarts()).pm2 === 1;
    });
    assert.doesNotMatch(await sandbox.output('pm2-liveness-2'), /watches the apps/);
    // What the leader knew is on disk again: the other knows it, too.
    await unlink(join(dir, 'state.json'));
    await until('it is written again', () => stat(join(dir, 'state.json')));
    process.kill((await sandbox.app('pm2-liveness')).pid, 'SIGKILL');
    await until('another one leads', async () => {
      const pid = (await sandbox.status())?.monitor.pid;
      return pid !== undefined && pid !== leader;
    });
    const { restarts } = await sandbox.reaches(web.name, 'paused');
    assert.equal(restarts.used, 1);
    await requestMonitor(path, 'POST', '/resume', { timeoutMs: 5_000, body });
    const resumedAt = performance.now();
    await until('it is restarted', async () => (await web.restarts()).pm2 === 2);
    await web.healthy();
    const ms = performance.now() - resumedAt;
    const target = await sandbox.target(web.name);
    assert.equal(target.restarts.used, 2, 'the budget is kept');
    return { restarts: target.restarts.used, to200Ms: ms, final: target.state };
  });
}
