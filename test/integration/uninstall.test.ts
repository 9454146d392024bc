import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { after, before, describe, test } from 'node:test';
import { Pm2Sandbox, type Ran } from '../support/pm2-sandbox.ts';
import { smallServer } from '../support/small-server.ts';

const program = fileURLToPath(new URL('../../dist/cli/main.js', import.meta.url));

describe('uninstall on a real PM2', () => {
  let sandbox: Pm2Sandbox;
  before(async () => {
    sandbox = await Pm2Sandbox.create();
    await sandbox.start(await smallServer(sandbox, 'web'));
    await sandbox.startMonitor();
    await sandbox.reaches('web', 'healthy');
    await sandbox.pm2('save');
    await sandbox.pm2('set', 'pm2-liveness:liveness_period', '2s');
    const apps = [
      { name: 'web', script: 'web.js', env_liveness: { tcp: '127.0.0.1:1' } },
      { name: 'pm2-liveness' },
    ];
    const text = `module.exports = ${JSON.stringify({ apps })};`;
    await writeFile(join(sandbox.home, 'ecosystem.config.cjs'), text);
  });
  after(() => sandbox.destroy());

  const uninstall = (...words: string[]): Promise<Ran> =>
    sandbox.run(process.execPath, [program, 'uninstall', ...words], {}, sandbox.home);

  test('without a terminal it shows what it would remove, and removes nothing', async () => {
    const { exitCode, text } = await uninstall();
    assert.equal(exitCode, 1);
    assert.match(text, /the monitor pm2-liveness \(id \d+, online\) from PM2/);
    assert.match(text, /Nothing is removed: there is no terminal to ask on; add --yes\./);
    assert.equal((await sandbox.list()).length, 2);
  });

  test('removes the monitor with all its traces, and touches no app', async () => {
    const before = await sandbox.app('web');
    const { exitCode, out } = await uninstall('--yes');
    assert.equal(exitCode, 0, out);
    assert.deepEqual(
      (await sandbox.list()).map(({ name, pid, pm2_env }) => [name, pid, pm2_env.restart_time]),
      [['web', before.pid, before.pm2_env.restart_time]],
    );
    assert.equal(existsSync(join(sandbox.home, 'pm2-liveness')), false);
    const logs = await readdir(join(sandbox.home, 'logs'));
    assert.deepEqual(logs.toSorted(), ['web-error.log', 'web-out.log']);
    const saved = JSON.parse(await readFile(join(sandbox.home, 'dump.pm2'), 'utf8')) as {
      name: string;
    }[];
    assert.deepEqual(
      saved.map(({ name }) => name),
      ['web'],
    );
    assert.doesNotMatch(
      await readFile(join(sandbox.home, 'module_conf.json'), 'utf8'),
      /liveness_period/,
    );
    assert.match(
      out,
      /take out of ecosystem\.config\.cjs: `env_liveness` of web, and the app pm2-liveness/,
    );
    assert.match(out, /npm uninstall pm2-liveness/);
  });

  test('has nothing to remove the second time', async () => {
    const { exitCode, out } = await uninstall('--yes');
    assert.equal(exitCode, 0);
    assert.match(out, /^Nothing to remove from PM2\.$/m);
  });
});
