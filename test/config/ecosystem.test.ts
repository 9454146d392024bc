import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { cp, mkdir, mkdtemp, realpath, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

const root = fileURLToPath(new URL('../..', import.meta.url));
/** Loads the file as PM2 does, and prints a change to the environment as a failure. */
const LOADER = `
  const before = JSON.stringify(process.env);
  const { apps } = require(process.argv[1]);
  if (JSON.stringify(process.env) !== before) throw new Error('the environment was changed');
  console.log(JSON.stringify(apps));
`;

interface App {
  readonly name: string;
  readonly script: string;
  readonly cwd: string;
  readonly args?: readonly string[];
  readonly env: Readonly<Record<string, string>>;
  readonly env_liveness?: unknown;
}

/** A copy of the repository's top, with the built dist (`npm test` builds first). */
let top: string;

before(async () => {
  top = await realpath(await mkdtemp(join(tmpdir(), 'pl-eco-')));
  await cp(join(root, 'ecosystem.config.cjs'), join(top, 'ecosystem.config.cjs'));
  await cp(join(root, 'dist'), join(top, 'dist'), { recursive: true });
  await writeFile(join(top, 'package.json'), '{"type":"module"}');
  await symlink(join(root, 'node_modules'), join(top, 'node_modules'));
});

after(() => rm(top, { recursive: true, force: true }));

/** An app's folder below the top, with this package.json. */
async function addApp(name: string, manifest: object): Promise<string> {
  await mkdir(join(top, name), { recursive: true });
  await writeFile(join(top, name, 'package.json'), JSON.stringify(manifest));
  return join(top, name);
}

async function load(env: Readonly<Record<string, string>>): Promise<readonly [App, App]> {
  const args = ['--no-warnings', '-e', LOADER, join(top, 'ecosystem.config.cjs')];
  const { stdout } = await promisify(execFile)(process.execPath, args, { env });
  // `as`: what this repository's own file exports, checked by the tests below.
  return JSON.parse(stdout) as [App, App];
}

/** What PM2 shows when the file throws. */
async function loadError(env: Readonly<Record<string, string>>, folder = top): Promise<string> {
  const script = 'try { require(process.argv[1]) } catch (error) { console.error(error) }';
  const args = ['--no-warnings', '-e', script, join(folder, 'ecosystem.config.cjs')];
  return (await promisify(execFile)(process.execPath, args, { env })).stderr;
}

const viteManifest = { scripts: { dev: 'vite --open' }, devDependencies: { vite: '*' } };

describe('ecosystem.config.cjs', () => {
  it("runs a Vite app by Vite's own program, under a vite probe", async () => {
    const dir = await addApp('vite-app', viteManifest);
    const [app] = await load({ APP_DIR: 'vite-app', APP_HOST: '::', HEALTH_PERIOD: '9s' });
    assert.equal(app.name, 'web');
    assert.equal(app.cwd, dir);
    assert.equal(app.script, await realpath(join(root, 'node_modules/vite/bin/vite.js')));
    assert.deepEqual(app.args, ['--host', '::', '--port', '5173', '--strictPort']);
    assert.equal(app.env['CI'], 'true');
    assert.deepEqual(app.env_liveness, {
      vite: 'http://[::1]:5173/',
      period: '9s',
      timeout: '2s',
      failureThreshold: 3,
    });
  });

  it('runs any other app by its dev script, under an http probe', async () => {
    const dir = await addApp('next-app', { scripts: { dev: 'next dev' } });
    const [app] = await load({ APP_DIR: 'next-app', APP_PORT: '4000' });
    assert.deepEqual([app.script, app.args, app.cwd], ['npm', ['run', 'dev'], dir]);
    assert.deepEqual([app.env['HOST'], app.env['PORT']], ['127.0.0.1', '4000']);
    const health = { period: '5s', timeout: '2s', failureThreshold: 3 };
    assert.deepEqual(app.env_liveness, { http: 'http://127.0.0.1:4000/', ...health });
  });

  it('runs a framework on top of Vite by its dev script', async () => {
    await addApp('framework', { ...viteManifest, scripts: { dev: 'react-router dev' } });
    const [app] = await load({ APP_DIR: 'framework' });
    assert.equal(app.script, 'npm');
  });

  it('runs the monitor beside it, without a block of its own', async () => {
    await addApp('vite-app', viteManifest);
    const [, monitor] = await load({ APP_DIR: 'vite-app', LIVENESS_LOG: 'json' });
    assert.deepEqual(monitor, {
      name: 'pm2-liveness',
      script: join(top, 'dist/main.js'),
      cwd: top,
      pmx: false,
      node_args: ['--max-semi-space-size=1', '--max-old-space-size=512'],
      restart_delay: 2000,
      max_memory_restart: '200M',
      kill_timeout: 5000,
      env: { LIVENESS_HTTP: '9616', LIVENESS_LOG: 'json' },
    });
  });

  it('reads .env, which comes after the environment', async () => {
    await addApp('vite-app', viteManifest);
    const lines = ['APP_DIR=vite-app', 'APP_NAME=of-file', 'APP_PORT=4001', 'LIVENESS_TIMEOUT=1s'];
    await writeFile(join(top, '.env'), lines.join('\n'));
    const [app, monitor] = await load({ APP_NAME: 'of-environment' });
    await rm(join(top, '.env'));
    assert.deepEqual([app.name, app.args?.[3]], ['of-environment', '4001']);
    assert.deepEqual(monitor.env, { LIVENESS_HTTP: '9616', LIVENESS_TIMEOUT: '1s' });
  });
});

describe('a mistake stops ecosystem.config.cjs with one message, without a stack:', () => {
  it('bad values', async () => {
    assert.equal(
      await loadError({ APP_PORT: '99999', HEALTH_PERIOD: '5' }),
      [
        'pm2-liveness: 2 settings in the environment or in .env cannot be used:',
        "  APP_PORT: got '99999'; write a port from 1 to 65535",
        "  HEALTH_PERIOD: got '5'; write '5s' or '5ms'\n",
      ].join('\n'),
    );
  });

  it('a folder that is not there', async () => {
    const file = join(top, 'nowhere', 'package.json');
    const said = `pm2-liveness: APP_DIR is 'nowhere', but ${file} does not exist; write the folder of your app\n`;
    assert.equal(await loadError({ APP_DIR: 'nowhere' }), said);
  });

  it('an app with nothing to run', async () => {
    const dir = await addApp('library', {});
    const said = `pm2-liveness: ${dir} has neither vite as a dependency nor a 'dev' script; add one of them\n`;
    assert.equal(await loadError({ APP_DIR: 'library' }), said);
  });

  it('a Vite that is not installed', async (test) => {
    const dir = await mkdtemp(join(tmpdir(), 'pl-app-'));
    test.after(() => rm(dir, { recursive: true }));
    await writeFile(join(dir, 'package.json'), JSON.stringify(viteManifest));
    const said = `pm2-liveness: vite is a dependency of ${dir} but not installed; run 'npm install' there\n`;
    assert.equal(await loadError({ APP_DIR: dir }), said);
  });

  it('a package that is not built', async (test) => {
    const empty = await realpath(await mkdtemp(join(tmpdir(), 'pl-eco-')));
    test.after(() => rm(empty, { recursive: true }));
    await cp(join(root, 'ecosystem.config.cjs'), join(empty, 'ecosystem.config.cjs'));
    await symlink(join(root, 'node_modules'), join(empty, 'node_modules'));
    const said = `pm2-liveness: ${join(empty, 'dist/index.js')} is missing; run 'npm ci' in ${empty}, which builds it\n`;
    assert.equal(await loadError({}, empty), said);
  });
});
