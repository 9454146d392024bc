import assert from 'node:assert/strict';
import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { freePorts } from '../support/free-ports.ts';
import { freePort, Pm2Sandbox, type Listed, type Ran } from '../support/pm2-sandbox.ts';
import { until } from '../support/until.ts';

const cli = join(import.meta.dirname, '../../dist/cli/main.js');
const SERVER = `
import { createServer } from 'node:http';
createServer((_, response) => response.end('answer')).listen(Number(process.argv[2]), '127.0.0.1');
`;

/** What of PM2's list would change if an app were restarted, renamed, moved or given other settings. */
function stable({ name, pm_id, pid, pm2_env }: Listed): unknown {
  const { status, restart_time, pm_exec_path, node_version: _, ...rest } = pm2_env;
  // What the app itself tells PM2 comes some seconds after its start.
  const env = Object.fromEntries(Object.entries(rest).filter(([key]) => !key.startsWith('axm_')));
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

/** Projects with every kind of ecosystem file; each has its app, of the folder's name, running. */
const APP = (name: string): string =>
  `{ "name": "${name}", "script": "server.mjs", "args": "PORT" }`;
const FIXTURES: Readonly<
  Record<string, readonly [file: string, text: string, packageJson?: string]>
> = {
  cjs: ['ecosystem.config.cjs', `module.exports = { apps: [${APP('cjs')}] };\n`],
  single: ['pm2.config.js', `module.exports = ${APP('single')};\n`, '{}'],
  array: ['process.json', `[${APP('array')}]\n`],
  json5: ['ecosystem.json5', `{ apps: [${APP('json5')}] } // mine\n`],
  yaml: ['ecosystem.yml', 'apps:\n  - name: yaml\n    script: server.mjs\n    args: "PORT"\n'],
  flow: ['process.yaml', `- ${APP('flow')}\n`],
  module: ['ecosystem.config.mjs', `export const apps = [${APP('module')}];\n`],
  esm: ['ecosystem.config.js', `export const apps = [${APP('esm')}];\n`, '{ "type": "module" }'],
  code: ['ecosystem.config.cjs', `module.exports = { apps: [0].map(() => (${APP('code')})) };\n`],
  nested: [
    'deploy/pm2.json',
    `{ "apps": [${APP('nested')}] }\n`,
    '{ "scripts": { "up": "pm2 start deploy/pm2.json" } }',
  ],
};

describe('init and watch over every kind of file', () => {
  let sandbox: Pm2Sandbox;
  const dirOf = (name: string): string => join(sandbox.home, 'projects', name);
  const run = (name: string, ...words: string[]): Promise<Ran> =>
    sandbox.run(process.execPath, [cli, ...words], {}, dirOf(name));
  const entries = async (): Promise<unknown> => (await sandbox.list()).map(stable);

  before(async () => {
    sandbox = await Pm2Sandbox.create();
    const first = await freePorts(Object.keys(FIXTURES).length);
    for (const [at, [name, [file, text, manifest]]] of Object.entries(FIXTURES).entries()) {
      const dir = dirOf(name);
      await mkdir(dirname(join(dir, file)), { recursive: true });
      await writeFile(join(dir, 'server.mjs'), SERVER);
      await writeFile(join(dir, file), text.replace('PORT', String(first + at)));
      if (manifest !== undefined) await writeFile(join(dir, 'package.json'), manifest);
      const { exitCode, text: said } = await sandbox.pm2In(dir, ['start', file]);
      assert.equal(exitCode, 0, said);
    }
  });

  after(() => sandbox.destroy());

  test('leaves all that runs as it is, and adds no second file', async () => {
    const earlier = await entries();
    for (const [name, [file]] of Object.entries(FIXTURES)) {
      const names = await readdir(dirOf(name));
      const { text } = await run(name, 'init', '--yes');
      assert.match(text, /localhost:\d+/, `${name}: ${text}`);
      assert.deepEqual(await readdir(dirOf(name)), names, name);
      const isEdited = !['flow', 'code'].includes(name);
      const written = await readFile(join(dirOf(name), file), 'utf8');
      assert.equal(written.includes('env_liveness'), isEdited, `${name}: ${text}`);
      if (!isEdited) assert.match(text, /Add by hand:/, name);
    }
    assert.deepEqual(await entries(), earlier);
    const { text } = await run('cjs', 'watch');
    for (const name of Object.keys(FIXTURES)) {
      assert.match(
        text,
        new RegExp(`^${name}: http http://localhost:\\d+/, any status is alive$`, 'm'),
      );
    }
    assert.deepEqual(await entries(), earlier);
  });

  test('leaves them as they are also when they are watched', async () => {
    const apps = async (): Promise<unknown> =>
      (await sandbox.list()).filter(({ name }) => name !== 'pm2-liveness').map(stable);
    const earlier = await apps();
    const { exitCode, text } = await run('cjs', 'watch', '--yes');
    assert.equal(exitCode, 0, text);
    for (const name of Object.keys(FIXTURES)) await sandbox.reaches(name, 'healthy');
    assert.deepEqual(await apps(), earlier);
  });
});
