import assert from 'node:assert/strict';
import { readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { requestMonitor } from '../../src/control/client.ts';
import { socketPathOf } from '../../src/control/socket-path.ts';
import { Pm2Sandbox } from '../support/pm2-sandbox.ts';
import { smallServer } from '../support/small-server.ts';
import { until } from '../support/until.ts';

const root = new URL('../..', import.meta.url).pathname;

/** A disk that takes every call to our folder and never answers, until the file `well` is there. */
const HANG = `
import { existsSync, promises } from 'node:fs';
import { syncBuiltinESMExports } from 'node:module';
import { join } from 'node:path';
const [home, well] = [process.env.PM2_HOME, join(process.env.PM2_HOME, 'well')];
const isOurs = (path) => String(path).startsWith(join(home, 'pm2-liveness'));
const answers = () => new Promise((resolve) => {
  const timer = setInterval(() => existsSync(well) && resolve(clearInterval(timer)), 100);
});
for (const name of ['lstat', 'mkdir', 'open', 'readdir', 'stat']) {
  const real = promises[name];
  promises[name] = async (path, ...rest) => {
    if (isOurs(path) && !existsSync(well)) await answers();
    return real(path, ...rest);
  };
}
syncBuiltinESMExports();
`;

describe('a disk that hangs as the monitor starts', () => {
  let sandbox: Pm2Sandbox;

  before(async () => {
    sandbox = await Pm2Sandbox.create();
    const hang = join(sandbox.home, 'hang.mjs');
    await writeFile(hang, HANG);
    await sandbox.start(await smallServer(sandbox, 'web'));
    await sandbox.start({
      name: 'pm2-liveness',
      script: join(root, 'dist/main.js'),
      cwd: root,
      pmx: false,
      node_args: [`--import=${hang}`],
    });
  });

  after(() => sandbox.destroy());

  // By its log, because each question over PM2 needs its own process.
  const says = (what: RegExp): Promise<boolean> =>
    until(`${what}`, async () => what.test(await sandbox.output('pm2-liveness')), {
      withinMs: 90_000,
      everyMs: 200,
    });

  test('costs history and the lock, never supervision, and says so', async () => {
    await says(/web: healthy/);
    const status = await sandbox.status();
    assert.equal(status?.monitor.history?.isKept, false);
    assert.match(status.problems.join('\n'), /no lock on this PM2_HOME: .*did not answer/);
    await says(/state\.json: the disk did not answer/);
    process.kill((await sandbox.app('web')).pid, 'SIGSTOP');
    await says(/web: incident over \(recovered\)/);
    assert.equal((await sandbox.app('web')).pm2_env.restart_time, 1);
  });

  test('is used again as soon as it answers', async () => {
    await writeFile(join(sandbox.home, 'well'), '');
    await says(/this monitor has the lock now/);
    await says(/history is saved on disk again/);
    const status = await sandbox.status();
    assert.equal(status?.monitor.history?.isKept, true);
    assert.doesNotMatch(status.problems.join('\n'), /no lock/);
    assert.equal((await sandbox.target('web')).restarts.used, 1);
  });
});

describe('a disk that hangs as a monitor takes over', () => {
  let sandbox: Pm2Sandbox;
  let well: string;

  before(async () => {
    sandbox = await Pm2Sandbox.create();
    well = join(sandbox.home, 'well');
    await writeFile(join(sandbox.home, 'hang.mjs'), HANG);
    await writeFile(well, '');
    await sandbox.start(await smallServer(sandbox, 'web'));
    await startMonitor('first');
  });

  after(() => sandbox.destroy());

  const startMonitor = (name: string): Promise<void> =>
    sandbox.start({
      name,
      script: join(root, 'dist/main.js'),
      cwd: root,
      pmx: false,
      node_args: [`--import=${join(sandbox.home, 'hang.mjs')}`],
    });

  const hang = async (): Promise<void> => {
    process.kill((await sandbox.app('web')).pid, 'SIGSTOP');
  };

  test('gives pause and budget back to an app that was thought fresh', async () => {
    await sandbox.reaches('web', 'healthy', 60_000);
    await hang();
    await until('it is restarted', async () => (await sandbox.target('web')).restarts.used === 1, {
      withinMs: 60_000,
    });
    await sandbox.reaches('web', 'healthy', 60_000);
    const { path } = socketPathOf(sandbox.home);
    await requestMonitor(path, 'POST', '/pause', { timeoutMs: 5_000, body: { app: 'web' } });
    await sandbox.pm2('delete', 'first');
    await rm(well);
    await startMonitor('second');
    const says = (what: RegExp): Promise<boolean> =>
      until(`${what}`, async () => what.test(await sandbox.output('second')), {
        withinMs: 90_000,
        everyMs: 200,
      });
    // Nobody knows of the pause: it is watched, and restarted once more.
    await says(/web: healthy/);
    await hang();
    await says(/web: incident over \(recovered\)/);
    await new Promise((resolve) => setTimeout(resolve, 10_000));
    await writeFile(well, '');
    await says(/the disk answers again: the saved state is used/);
    await says(/this monitor has the lock now/);
    const { restarts } = await sandbox.reaches('web', 'paused', 60_000);
    assert.equal(restarts.used, 2);
    const status = await sandbox.status();
    assert.doesNotMatch(status?.problems.join('\n') ?? '', /without its saved state/);
    await hang();
    await new Promise((resolve) => setTimeout(resolve, 3_000));
    assert.equal((await sandbox.app('web')).pm2_env.restart_time, 2);
    await until('it is on disk', async () => {
      const { apps } = JSON.parse(
        await readFile(join(sandbox.home, 'pm2-liveness', 'state.json'), 'utf8'),
      );
      const { restarts: spent, pause } = apps['0:web'];
      return spent.length === 2 && pause?.until === null;
    });
  });
});
