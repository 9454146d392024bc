import assert from 'node:assert/strict';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
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

  // By its log, for each question over PM2 takes a process of its own.
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
    await says(/the lock is held now/);
    await says(/what happens is kept on disk again/);
    const status = await sandbox.status();
    assert.equal(status?.monitor.history?.isKept, true);
    assert.doesNotMatch(status.problems.join('\n'), /no lock/);
    assert.equal((await sandbox.target('web')).restarts.used, 1);
  });
});
