import assert from 'node:assert/strict';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { MODULE, ModuleHome } from '../support/module-home.ts';
import { freePort, type Ran } from '../support/pm2-sandbox.ts';
import { until } from '../support/until.ts';

/** Any answer is alive: what `watch` proposes for it. */
const SERVER = `require('node:http').createServer((_, answer) => {
  answer.writeHead(404).end();
}).listen(Number(process.argv[2]), '127.0.0.1');`;

describe('watch with the installed module', { skip: process.platform !== 'linux' }, () => {
  let home: ModuleHome;

  before(async () => {
    home = await ModuleHome.create();
    const { sandbox } = home;
    await writeFile(join(sandbox.home, 'web.cjs'), SERVER);
    const words = ['start', 'web.cjs', '--name', 'web', '--', String(await freePort())];
    const { exitCode, text } = await sandbox.pm2In(sandbox.home, words);
    assert.equal(exitCode, 0, text);
    await home.install();
    await home.set('liveness_period', '1s');
  });

  after(() => home.destroy());

  /** The program that came with the module, as a person without a project has it. */
  async function run(...words: string[]): Promise<Ran> {
    const { pm2_env: env } = await home.module();
    const program = join(env.pm_exec_path, '../cli/main.js');
    return home.sandbox.run(process.execPath, [program, ...words], {}, home.folder);
  }

  /** Stops the app, and waits until the module has restarted it. */
  async function isRestarted(): Promise<void> {
    const { pid } = await home.sandbox.app('web');
    process.kill(pid, 'SIGSTOP');
    await until(
      'it is restarted',
      async () => {
        const now = await home.sandbox.app('web');
        return now.pid !== pid && (await home.sandbox.target('web')).state === 'healthy';
      },
      { withinMs: 60_000, everyMs: 300 },
    );
  }

  test('the module watches the app without a restart of either, and restarts it when it hangs', async () => {
    const [app, module] = [await home.sandbox.app('web'), await home.module()];
    const { exitCode, text } = await run('watch', '--yes');
    assert.equal(exitCode, 0, text);
    assert.match(text, /^Written: web\.$/m);
    assert.doesNotMatch(text, /The monitor is started/);
    assert.equal((await home.sandbox.target('web')).blockFrom, 'watched.json');
    assert.equal((await home.sandbox.app('web')).pid, app.pid);
    assert.equal((await home.module()).pid, module.pid);
    await isRestarted();
  });

  test('it still watches it after pm2 update, which starts everything again', async () => {
    const { pid } = await home.module();
    const { exitCode, text } = await home.sandbox.pm2('update');
    assert.equal(exitCode, 0, text);
    assert.notEqual((await home.leads()).pid, pid);
    await home.sandbox.reaches('web', 'healthy');
    assert.equal((await home.sandbox.target('web')).blockFrom, 'watched.json');
    await isRestarted();
  });

  test('the module is watched by nobody, and without a block the app is not either', async () => {
    const { exitCode, text } = await run('watch', MODULE);
    assert.equal(exitCode, 2);
    assert.match(text, /is a monitor, and a monitor is never watched/);
    assert.equal((await run('unwatch', 'web')).exitCode, 0);
    await until('the module names it', async () =>
      (await home.sandbox.status())?.unwatched?.includes('web'),
    );
    assert.deepEqual(home.registry.refused, []);
  });
});
