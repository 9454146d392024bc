import assert from 'node:assert/strict';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { freePort, Pm2Sandbox, type Listed, type Ran } from '../support/pm2-sandbox.ts';
import { until } from '../support/until.ts';

const cli = join(import.meta.dirname, '../../dist/cli/main.js');
const SERVER = `
import { createServer } from 'node:http';
createServer((_, response) => response.end('answer')).listen(Number(process.argv[2]), '127.0.0.1');
`;

/** What of PM2's list would change if an app were restarted, renamed, moved or given other settings. */
function stable({ name, pm_id, pid, pm2_env }: Listed): unknown {
  const { status, restart_time, pm_exec_path, axm_monitor: _, axm_actions: __, ...env } = pm2_env;
  return { name, pm_id, pid, status, restart_time, pm_exec_path, env };
}

describe('init beside apps that run', () => {
  let sandbox: Pm2Sandbox;
  let dir: string;
  let port: number;

  before(async () => {
    [sandbox, port] = await Promise.all([Pm2Sandbox.create(), freePort()]);
    dir = join(sandbox.home, 'project');
    await mkdir(dir);
    await writeFile(join(dir, 'server.mjs'), SERVER);
    await writeFile(
      join(dir, 'package.json'),
      JSON.stringify({ name: 'shop', scripts: { start: 'node server.mjs 4999' } }),
    );
    await sandbox.pm2In(dir, ['start', 'server.mjs', '--name', 'web', '--', String(port)]);
    await until('the app answers', () =>
      fetch(`http://127.0.0.1:${port}/`).then(
        () => true,
        () => null,
      ),
    );
  });

  after(() => sandbox.destroy());

  function init(): Promise<Ran> {
    return sandbox.run(process.execPath, [cli, 'init', '--yes'], {}, dir);
  }

  test('writes no second way to start an app, and names the command that watches it', async () => {
    const earlier = (await sandbox.list()).map(stable);
    const { exitCode, text } = await init();
    assert.equal(exitCode, 1, text);
    assert.match(text, /PM2 runs web from this folder already\. Nothing is written/);
    assert.match(text, /npx pm2-liveness watch web/);
    assert.deepEqual((await sandbox.list()).map(stable), earlier);
  });

  test('writes the port at which the app listens into its file, and leaves the app alone', async () => {
    const file = join(dir, 'ecosystem.config.cjs');
    const entry = "module.exports = { apps: [{ name: 'web', script: 'server.mjs' }] };\n";
    await writeFile(file, entry);
    const earlier = (await sandbox.list()).map(stable);
    const { exitCode, text } = await init();
    assert.equal(exitCode, 0, text);
    assert.match(text, new RegExp(`web listens on port ${port} and answered HTTP with 200`));
    const written = await readFile(file, 'utf8');
    assert.ok(written.includes(`http: { url: 'http://localhost:${port}/', status: '100-599' }`));
    assert.deepEqual((await sandbox.list()).map(stable), earlier);
  });
});
