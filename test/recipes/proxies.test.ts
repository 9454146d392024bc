import assert from 'node:assert/strict';
import { spawn, spawnSync, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { until } from '../support/until.ts';
import { isBackAfterCrash, isLeftAlone, seenAtRestart, typoAtStartIsNamed } from './faults.ts';
import { RunningRecipe } from './running-recipe.ts';
import { keepFigure } from './figures.ts';
import { killedIsBack, onlyItIsRestarted } from './several-apps.ts';

/** Why the tests of a proxy are skipped; false where it is installed. */
function isMissing(program: string, word: string): string | false {
  return spawnSync(program, [word]).status === 0 ? false : `${program} is not installed`;
}

/** Runs a proxy beside PM2, as a system service does. */
function run(program: string, args: readonly string[]): ChildProcess {
  return spawn(program, args, { cwd: '/', stdio: 'ignore' });
}

async function stop(proxy: ChildProcess | undefined): Promise<void> {
  if (proxy === undefined || proxy.exitCode !== null || proxy.signalCode !== null) return;
  const isGone = once(proxy, 'exit');
  proxy.kill('SIGTERM');
  await isGone;
}

describe('the recipe nginx', { skip: isMissing('nginx', '-v') }, () => {
  let recipe: RunningRecipe;
  let nginx: ChildProcess | undefined;

  /** The recipe's file for conf.d, and around it what Debian has in nginx.conf. */
  async function startNginx(dir: string, port: number): Promise<void> {
    const site = await readFile(join(dir, 'nginx.conf'), 'utf8');
    const text = site.replace('/srv/api/', `${dir}/`).replace(':8080', `:${port}`);
    await mkdir(join(dir, 'nginx'));
    const temporary = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'].map(
      (each) => `${each}_temp_path ${dir}/nginx/${each};`,
    );
    await writeFile(
      join(dir, 'main.conf'),
      // Root's workers would have another user, which cannot look into the copy.
      `${process.getuid?.() === 0 ? 'user root; ' : ''}daemon off; pid ${dir}/nginx/pid; error_log ${dir}/nginx/error.log; events {}
       http { access_log off; ${temporary.join(' ')} ${text} }`,
    );
    nginx = run('nginx', ['-e', `${dir}/nginx/error.log`, '-c', join(dir, 'main.conf')]);
  }

  before(async () => {
    recipe = await RunningRecipe.start('nginx', 'api', { prepare: startNginx });
  });

  after(async () => {
    await stop(nginx);
    await recipe?.end();
  });

  test('the API hung on its socket: restarted once, and nginx reaches it again', async (context) => {
    await onlyItIsRestarted(recipe, context, { app: 'api', path: '/', port: recipe.port });
  });

  test('the API killed: back by PM2 alone', (context) =>
    killedIsBack(recipe, context, { app: 'api', path: '/', port: recipe.port }));

  test('restarted with a source that cannot be read: said so, and well when fixed', (context) =>
    typoAtStartIsNamed(recipe, context, { file: 'server.mjs', named: /SyntaxError/ }));

  test('nginx stopped: the API is not restarted, and stays healthy', async () => {
    await stop(nginx);
    await until('nginx is gone', async () => (await recipe.page()).status === 0);
    await isLeftAlone(recipe, 4_000);
    assert.equal(await recipe.restarts(), 1);
  });
});

describe('the recipe caddy', { skip: isMissing('caddy', 'version') }, () => {
  let recipe: RunningRecipe;

  before(async () => {
    recipe = await RunningRecipe.start('caddy', 'api', { ports: 2 });
    await recipe.sandbox.reaches('caddy', 'healthy');
  });

  after(() => recipe?.end());

  for (const app of ['api', 'caddy'] as const) {
    test(`${app} hung: it alone is restarted, and the page is back`, async (context) => {
      await onlyItIsRestarted(recipe, context, { app, path: '/', port: recipe.port + 1 });
    });

    test(`${app} killed: back by PM2 alone`, (context) =>
      killedIsBack(recipe, context, { app, path: '/', port: recipe.port + 1 }));
  }

  test('restarted with a source that cannot be read: said so, and well when fixed', (context) =>
    typoAtStartIsNamed(recipe, context, { file: 'server.mjs', named: /SyntaxError/ }));
});

describe('the recipe haproxy', { skip: isMissing('haproxy', '-v') }, () => {
  let recipe: RunningRecipe;
  let haproxy: ChildProcess | undefined;

  async function startHaproxy(dir: string, port: number): Promise<void> {
    const file = join(dir, 'haproxy.cfg');
    const text = await readFile(file, 'utf8');
    const ports = { 3000: port, 3001: port + 1, 8080: port + 2 };
    await writeFile(
      file,
      Object.entries(ports).reduce((all, [from, to]) => all.replace(`:${from}`, `:${to}`), text),
    );
    haproxy = run('haproxy', ['-db', '-f', file]);
  }

  before(async () => {
    recipe = await RunningRecipe.start('haproxy', 'api', {
      prepare: startHaproxy,
      ports: 3,
      targets: 2,
    });
  });

  after(async () => {
    await stop(haproxy);
    await recipe?.end();
  });

  test('one instance hung: HAProxy uses the other, and only the hung one is restarted', async (context) => {
    const proxied = (): Promise<number> =>
      recipe.page('/', 8_000, recipe.port + 2).then(({ status }) => status);
    const [first, hung] = await recipe.instances();
    assert.ok(first && hung);
    const boundMs = await recipe.boundMs('hang');
    const hungAt = performance.now();
    process.kill(hung.pid, 'SIGSTOP');
    assert.equal(await proxied(), 200);
    await until(
      'it has a new process',
      async () => (await recipe.instances()).every(({ pid }) => pid > 0 && pid !== hung.pid),
      { withinMs: boundMs },
    );
    await recipe.healthy(2, boundMs);
    const ms = performance.now() - hungAt;
    context.diagnostic(`back after ${Math.round(ms)} ms`);
    assert.equal(await proxied(), 200);
    assert.equal((await recipe.sandbox.app('api')).pid > 0, true);
    assert.ok((await recipe.instances()).some(({ pid }) => pid === first.pid));
    assert.equal(await recipe.restarts(), 1);
    const seen = await seenAtRestart(recipe);
    await keepFigure({ recipe: 'haproxy', fault: 'hang', seen, restarts: 1, ms });
  });

  test('one instance killed: back by PM2 alone', (context) => isBackAfterCrash(recipe, context));

  test('restarted with a source that cannot be read: said so, and well when fixed', (context) =>
    typoAtStartIsNamed(recipe, context, { file: 'server.mjs', named: /SyntaxError/ }));
});
